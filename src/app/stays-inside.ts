import type { StaysInside } from "../../services/actions/context.js";
import { EgressPolicy, type StayReason } from "../../services/lookup/egress-policy.js";

import { maxValueChars, type Candidate } from "../../services/core/candidate.js";
import { asIpWithPort } from "../../services/core/host-value.js";
import { readIndicator } from "../../services/core/indicator-value.js";
import { refang } from "../../services/core/spelling.js";
import type { ThreatSourceConfig } from "../config/app-config.js";
import { OwnLinks } from "../../services/core/own-links.js";

export const stayReasons: Readonly<Record<StayReason, string>> = {
  secret_type: "it is of a type that is never looked up",
  private_address: "it is or holds a private or reserved address",
  internal_name: "it is or holds a name that is used inside only",
  never_lookup: "never_lookup in [trustar_threat_source] lists it",
  trustar_itself: "it is an address of TruSTAR itself",
  secret: "it holds a password or a key",
  unreadable_host: "its host can't be read and may be one of yours",
};

type Addresses = Pick<ThreatSourceConfig, "url" | "stationUrl">;

interface TrustarSections {
  readonly threatSource?: Addresses | undefined;
  readonly idleThreatSource?: Addresses | undefined;
  readonly worker?: { readonly accounts: readonly Addresses[] } | undefined;
}

/** Station and API of every section: an incident of one account may hold a link to another's. */
export function ownLinksOf({ threatSource, idleThreatSource, worker }: TrustarSections): OwnLinks {
  const sections = [threatSource ?? idleThreatSource ?? [], worker?.accounts ?? []].flat();
  return new OwnLinks(sections.flatMap(({ url, stationUrl }) => [url, stationUrl]));
}

/**
 * The policy of look-ups for a value whose type nobody names: the whole of it and each of its words must be free to go.
 * What is longer than any indicator is not read, and so may hold anything.
 */
export function createStaysInside(neverLookup: readonly string[], ownLinks: OwnLinks): StaysInside {
  const policy = new EgressPolicy(neverLookup, ownLinks);
  return (value) => {
    if (value.length > maxValueChars) return "it is longer than any indicator";
    const whole = readIndicator(value);
    const words = refang(value).split(/[\s<>"',;()]+/);
    const parts = [...new Set(words)].flatMap((word) => [...readIndicator(word), asIpWithPort(word)]);
    // What is no indicator is a name, which may hold anything.
    const text: Candidate[] = whole.length > 0 ? [] : [{ kind: "SOFTWARE", value }];
    for (const candidate of [...whole, ...parts, ...text]) {
      const reason = candidate && policy.keeps(candidate);
      if (reason !== undefined) return stayReasons[reason];
    }
    return undefined;
  };
}
