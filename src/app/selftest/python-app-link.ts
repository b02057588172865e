import { isAccountName } from "../../config/account-name.js";
import { readConfigFile } from "../../config/config-file.js";
import type { ConfigPlaces } from "../../config/locate-config.js";
import type { RawConfig, RawSection } from "../../config/read-ini.js";
import { ok, warning, type Link } from "./link.js";

/** What this file means otherwise than in the Python app; no link where there is nothing to say. */
export function pythonAppLink(places: ConfigPlaces): readonly Link[] {
  const found = differences(readConfigFile(places).raw);
  if (found.length === 0) return [];
  const told = found.map(({ what }) => what).join("; ");
  const fix = 'see "Come from the Python app" in README';
  const check = () => Promise.resolve(found.some(({ leaves }) => leaves) ? warning(told, fix) : ok(told));
  return [{ id: "python_app", title: "Otherwise than in the Python app", needs: [], check }];
}

interface Difference {
  readonly what: string;
  /** Whether something may leave that did not leave there. */
  readonly leaves: boolean;
}

function differences({ sections, defaults }: RawConfig): readonly Difference[] {
  return [...sections].flatMap(([name, own]) => {
    const section = new Map([...defaults, ...own]);
    if (isAccountName(name) && section.has("workspace")) return ofAccount(name, section);
    if (name === "trustar") return ofProxy(section);
    return name === "resilient" ? ofResilient(section) : [];
  });
}

function ofAccount(name: string, section: RawSection): readonly Difference[] {
  const found: Difference[] = [];
  const note = (leaves: boolean, what: string): void =>
    void found.push({ leaves, what: `[${name}] ${what}` });
  if (!["incident_content_to_submit", "submit_data_to_trustar"].some((key) => section.has(key)))
    note(true, "has no incident_content_to_submit: all sections are sent, there nothing was");
  const workspaces = (section.get("workspace") ?? "").split(",");
  if (workspaces.some((one) => one.trim() !== one && one.trim() !== ""))
    note(true, "workspace: names with a blank beside their comma count, there they did not");
  const enclaves = (section.get("enclave_ids_for_submission") ?? "").split(",");
  if (enclaves.filter((one) => one.trim() !== "").length > 1)
    note(
      false,
      "enclave_ids_for_submission: each enclave gets a report of its own, there one report had all of them",
    );
  return found;
}

function ofProxy(section: RawSection): readonly Difference[] {
  if (!/^https:/i.test(section.get("proxy_url") ?? "")) return [];
  return [
    {
      leaves: false,
      what: "[trustar] proxy_url: https:// means a proxy that speaks TLS, there it was ignored",
    },
  ];
}

function ofResilient(section: RawSection): readonly Difference[] {
  if ((section.get("pam_type") ?? "") === "") return [];
  return [
    {
      leaves: false,
      what: "[resilient] pam_type: a vault is not asked, ^ and $ are the keyring and the environment",
    },
  ];
}
