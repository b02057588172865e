import { isDomain } from "./never-lookup.js";
import type { SectionReader } from "./section-reader.js";
import { switchWords } from "./switch-words.js";
import { readTerms } from "./term-list.js";
import type { LeakGuardPolicy, TlpLevel } from "../core/account.js";

interface Folders {
  readonly path: string;
  readonly home: string;
}

/** CLEAR is what TLP 2.0 calls WHITE. */
const tlpWords: Readonly<Record<string, TlpLevel>> = {
  WHITE: "WHITE",
  CLEAR: "WHITE",
  GREEN: "GREEN",
  AMBER: "AMBER",
  RED: "RED",
};

/** What of an incident stays in the house. */
export function parseLeakGuard(section: SectionReader, folders: Folders): LeakGuardPolicy {
  const maxTlp = section.word("max_tlp", tlpWords, "AMBER");
  const tlpField = readTlpField(section);
  if (maxTlp === "RED")
    section.warn("max_tlp", "is RED, but TLP:RED never leaves: AMBER has the same effect");
  if (maxTlp !== "AMBER" && !section.has("tlp_field")) {
    section.warn(
      "max_tlp",
      "has no effect without tlp_field, which names the incident's field that holds the TLP",
    );
  }
  return {
    redactTerms: readTerms(section, "redact_terms", folders),
    maskPrivateAddresses: section.word("mask_private_addresses", switchWords, "off") === "on",
    ownDomains: readOwnDomains(section),
    redactWithTrustar: section.word("redact", { none: "none", trustar: "trustar" }, "none") === "trustar",
    maxTlp,
    tlpField,
  };
}

/** Scripts of the platform write custom fields as `incident.properties.tlp`: that is `tlp`. */
function readTlpField(section: SectionReader): string | undefined {
  const name = section.text("tlp_field")?.replace(/^(?:incident\.)?(?:properties\.)?/, "");
  if (name === undefined || /^\w+$/.test(name)) return name;
  section.problem(
    "tlp_field",
    `must be the API name of an incident field, such as tlp, not ${section.shown("tlp_field")}`,
  );
  return undefined;
}

function readOwnDomains(section: SectionReader): readonly string[] {
  const entries = section.list("own_domains");
  const faulty = entries.filter((entry) => !isDomain(entry));
  if (faulty.length > 0) {
    section.problem(
      "own_domains",
      `must list domains such as example.com; none of these: ${section.shown("own_domains", faulty.join(", "))}`,
    );
  }
  const plain = entries.map((entry) =>
    entry
      .toLowerCase()
      .replace(/^\*?\./, "")
      .replace(/\.$/, ""),
  );
  return [...new Set(plain)];
}
