import {
  kinds as allKinds,
  textOf,
  titleOf,
  type Kind,
} from "../../../services/customizations/customization.js";
import { ourCustomizations } from "../../../services/customizations/our-customizations.js";
import {
  isDifferent,
  isMissing,
  isOff,
  planCustomizations,
  type PlannedCustomization,
} from "../../../services/customizations/plan.js";
import type { ResilientClient } from "../../../services/resilient/resilient-client.js";
import { namesake } from "./name-links.js";
import { failed, ok, warning, type Link, type Verdict } from "./link.js";

const needs = ["resilient.permissions"];

/** What `customize` would find to do, kind by kind; the same plan judges here. */
export function customizationLinks(queue: string, client: ResilientClient): readonly Link[] {
  const comparison = new Comparison(queue, client);
  const link = (id: string, title: string, kinds: readonly Kind[]): Link => ({
    id: `resilient.${id}`,
    title,
    needs,
    check: async (signal) => judge(await comparison.of(kinds, signal), kinds),
  });
  return [
    destination(queue, client, comparison),
    link("functions", "Functions", ["fields", "functions"]),
    link("artifact_type", "Artifact type", ["incident_artifact_types"]),
    link("workflows", "Workflows", ["workflows"]),
    link("rules", "Rules", ["actions"]),
  ];
}

function destination(queue: string, client: ResilientClient, comparison: Comparison): Link {
  return {
    id: "resilient.destination",
    title: "Message destination",
    needs,
    check: async (signal) => {
      const all = await client.listMessageDestinations(signal);
      const found = all.find(({ programmaticName }) => programmaticName === queue);
      if (found === undefined) {
        const meant = namesake(
          queue,
          all.map(({ programmaticName }) => programmaticName),
        );
        return failed(
          `there is no "${queue}"${meant === undefined ? "" : `; did you mean "${meant}"?`}`,
          meant === undefined
            ? "trustar-resilient customize brings it; or correct queue in [trustar]"
            : "correct queue in [trustar]; or let trustar-resilient customize bring this one",
        );
      }
      const kinds = ["message_destinations"] as const;
      const verdict = judge(await comparison.of(kinds, signal), kinds);
      if (verdict.state === "failed") return verdict;
      if (await client.isListener(found, signal)) return ok(`"${queue}", and this account is on it`);
      return failed(`this account is not on "${queue}"`, "trustar-resilient customize adds it");
    },
  };
}

type Compared = readonly PlannedCustomization[] | "unreadable";

/** The server's lists are read once for all links. */
class Comparison {
  readonly #queue: string;
  readonly #client: ResilientClient;
  #planning: Promise<ReadonlyMap<Kind, Compared>> | undefined;

  constructor(queue: string, client: ResilientClient) {
    this.#queue = queue;
    this.#client = client;
  }

  async of(kinds: readonly Kind[], signal: AbortSignal): Promise<Compared> {
    this.#planning ??= this.#plan(signal);
    const byKind = await this.#planning;
    const all = kinds.map((kind) => byKind.get(kind) ?? "unreadable");
    const readable = all.filter((one) => one !== "unreadable");
    return readable.length === all.length ? readable.flat() : "unreadable";
  }

  async #plan(signal: AbortSignal): Promise<ReadonlyMap<Kind, Compared>> {
    const { lists, unreadable } = await this.#client.readCustomizations(signal);
    const plan = planCustomizations(ourCustomizations(this.#queue), lists);
    return new Map(
      allKinds.map((kind) => {
        const own = plan.filter(({ wanted }) => wanted.kind === kind);
        return [kind, unreadable.has(kind) ? "unreadable" : own];
      }),
    );
  }
}

function judge(plan: Compared, kinds: readonly Kind[]): Verdict {
  if (plan === "unreadable") return unreadable(kinds);
  const missing = plan.filter(isMissing).map(nameOf);
  const hindered = plan.filter(({ hindrances }) => hindrances.length > 0);
  if (missing.length + hindered.length > 0) {
    const parts = [
      missing.length > 0 &&
        `missing: ${missing.length > 1 && missing.length === plan.length ? "all of them" : missing.join(", ")}`,
      hindered.length > 0 && `not as the worker needs it: ${inWords(hindered, "hindrances")}`,
    ];
    return failed(parts.filter((part) => part !== false).join("; "), remedy(missing, hindered));
  }
  const main = plan.filter(({ wanted }) => wanted.kind === kinds.at(-1));
  const changed = plan.filter(isDifferent);
  const detail =
    (main.length === 1 ? `"${main.map(nameOf).join("")}" is there` : `all ${main.length} are there`) +
    (changed.length > 0
      ? `; changed here, and kept so by customize: ${inWords(changed, "differences")}`
      : "");
  const off = plan.filter(isOff).map(nameOf);
  if (off.length > 0) {
    return warning(
      `${detail}; switched off, so nothing happens: ${off.join(", ")}`,
      "enable them in Customization Settings, Rules, unless they are off on purpose",
    );
  }
  if (changed.some(startsOtherwise)) {
    return warning(
      `${detail}; what was automatic and is in a menu now, or the other way round, starts at other times`,
      "unless that is on purpose, let trustar-resilient customize replace them",
    );
  }
  return ok(detail);
}

function startsOtherwise({ wanted, differences }: PlannedCustomization): boolean {
  return wanted.kind === "actions" && differences.includes("kind");
}

function unreadable(kinds: readonly Kind[]): Verdict {
  const fix = 'give the API key the permission to read them ("Org Data: Read")';
  return kinds.includes("actions")
    ? failed("the account may not read them, so the worker can't tell them apart", fix)
    : warning("the account may not read them, so they can't be compared", fix);
}

function remedy(missing: readonly string[], hindered: readonly PlannedCustomization[]): string {
  const brings = missing.length > 0 ? "brings what is missing" : "";
  const replaces = hindered.length > 0 ? "asks and replaces what differs" : "";
  return `trustar-resilient customize ${[brings, replaces].filter((part) => part !== "").join(", ")}`;
}

/** When it is the same with many, one cause has it all, and their names say nothing. */
function inWords(plan: readonly PlannedCustomization[], what: "differences" | "hindrances"): string {
  const respects = new Set(plan.map((one) => one[what].join(", ")));
  const [respect = ""] = respects;
  const isManyAlike = what === "hindrances" && respects.size === 1 && plan.length > 4;
  return isManyAlike
    ? `${plan.length} of them (${respect})`
    : plan.map((one) => `${nameOf(one)} (${one[what].join(", ")})`).join(", ");
}

/** As an administrator finds it; what isn't the link's own subject is named in full. */
function nameOf({ wanted }: PlannedCustomization): string {
  return wanted.kind === "fields" ? titleOf(wanted) : textOf(wanted.body, "name");
}
