import { excludesType, listsType, unknownTypes } from "../../../services/actions/excluded-types.js";
import type { ResilientClient } from "../../../services/resilient/resilient-client.js";
import type { WorkerConfig } from "../../config/app-config.js";
import { closestName } from "../../config/closest-name.js";
import type { AccountPolicy } from "../../core/account.js";
import { failed, ok, warning, type Link, type Verdict } from "./link.js";

/** One name of an app.config that Resilient has to know. */
interface Mention {
  readonly account: string;
  readonly key: string;
  readonly name: string;
}

const needs = ["resilient.permissions"];

/** Names that the accounts' sections mention: whatever Resilient does not know would have no effect, in silence. */
export function nameLinks({ accounts }: WorkerConfig, client: ResilientClient): readonly Link[] {
  const policies = accounts.map(({ policy }) => policy);
  const fields = mentions(policies, "tlp_field");
  const excluding = policies.filter(({ excludedIncidentTypes }) => excludedIncidentTypes !== "");
  return [
    workspaces(mentions(policies, "workspace"), client),
    ...(fields.length === 0 ? [] : [tlpFields(fields, client)]),
    ...(excluding.length === 0 ? [] : [incidentTypes(excluding, client)]),
  ];
}

const namesIn = {
  workspace: (policy) => policy.workspaces,
  tlp_field: ({ leakGuard }) => [leakGuard.tlpField ?? []].flat(),
} satisfies Readonly<Record<string, (policy: AccountPolicy) => readonly string[]>>;

function mentions(policies: readonly AccountPolicy[], key: keyof typeof namesIn): readonly Mention[] {
  return policies.flatMap((policy) =>
    namesIn[key](policy).map((name) => ({ account: policy.name, key, name: name.trim() })),
  );
}

function workspaces(mentioned: readonly Mention[], client: ResilientClient): Link {
  return {
    id: "resilient.workspaces",
    title: "Workspaces",
    needs,
    check: async (signal) => {
      const known = (await client.listWorkspaces(signal)).map(({ displayName }) => displayName.trim());
      const unknown = mentioned.filter(({ name }) => !known.includes(name));
      if (unknown.length > 0) {
        return failed(sentence(unknown, known, "Resilient has no", "workspaces"), remedy(unknown));
      }
      const alone = known.filter((name) => !mentioned.some((one) => one.name === name));
      const rest = alone.length === 0 ? "" : `; without a TruSTAR account: ${quoted(alone)}`;
      return ok(
        `${quoted(mentioned.map(({ name }) => name))} ${mentioned.length === 1 ? "is" : "are"} there${rest}`,
      );
    },
  };
}

function tlpFields(mentioned: readonly Mention[], client: ResilientClient): Link {
  return {
    id: "resilient.fields",
    title: "Incident fields",
    needs,
    check: async (signal) => {
      const fields = await client.listIncidentFields(signal);
      const known = fields.filter(({ prefix }) => prefix === "properties").map(({ name }) => name);
      const unknown = mentioned.filter(({ name }) => !known.includes(name));
      if (unknown.length === 0) return ok(`${quoted(mentioned.map(({ name }) => name))} holds the TLP`);
      const detail = sentence(unknown, known, "incidents have no", "custom fields");
      return failed(`${detail}; until then nothing is sent`, remedy(unknown));
    },
  };
}

function incidentTypes(policies: readonly AccountPolicy[], client: ResilientClient): Link {
  return {
    id: "resilient.incident_types",
    title: "Incident types",
    needs,
    check: async (signal): Promise<Verdict> => {
      const known = (await client.listIncidentTypes(signal)).map(({ name }) => name.trim());
      const kept = policies.map(({ name, excludedIncidentTypes: written }) => {
        const types = known.filter((label) => excludesType(written, label));
        return `[${name}] sends no incidents of type ${types.length === 0 ? "(none)" : quoted(types)}`;
      });
      const key = "incident_types_to_exclude";
      const unknown = policies.flatMap(({ name: account, excludedIncidentTypes: written }) =>
        unknownTypes(written, known).map((name) => ({ account, key, name })),
      );
      const parts = policies.flatMap(({ name, excludedIncidentTypes: written }) => {
        const types = known.filter((label) => excludesType(written, label) && !listsType(written, label));
        return types.length === 0
          ? []
          : [
              `[${name}] ${key} holds ${quoted(types)} only as a part of its text, which counts as in the Python app`,
            ];
      });
      if (unknown.length === 0 && parts.length === 0) return ok(kept.join("; "));
      const told =
        unknown.length === 0 ? [] : [sentence(unknown, known, "Resilient has no", "incident types")];
      return warning(
        [...told, ...parts, ...kept].join("; "),
        unknown.length === 0 ? `list each label in ${key} as Resilient shows it` : remedy(unknown),
      );
    },
  };
}

function sentence(unknown: readonly Mention[], known: readonly string[], lack: string, what: string): string {
  const parts = unknown.map(({ account, key, name }) => {
    const meant = namesake(name, known);
    const hint = meant === undefined ? `${what} are: ${known.join(", ")}` : `did you mean "${meant}"?`;
    return `${lack} [${account}] ${key} "${name}"; ${hint}`;
  });
  return parts.join("; ");
}

/** The name that is probably meant. */
export function namesake(name: string, known: readonly string[]): string | undefined {
  return known.find((one) => one.toLowerCase() === name.toLowerCase()) ?? closestName(name, known);
}

function remedy(unknown: readonly Mention[]): string {
  const places = unknown.map(({ account, key }) => `${key} in [${account}]`);
  return `correct ${[...new Set(places)].join(", ")}`;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
