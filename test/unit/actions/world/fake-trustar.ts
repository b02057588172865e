import { UpstreamError } from "../../../../src/core/errors.js";
import type { IndicatorRef, Report, ReportDraft, ReportService } from "../../../../src/core/report.js";
import type { Calls } from "./calls.js";

export interface FakeTrustar extends ReportService {
  readonly name: string;
  readonly stored: Map<string, Report>;
  readonly tags: Map<string, readonly string[]>;
  readonly whitelisted: IndicatorRef[];
  relatedIndicators: IndicatorRef[];
  /** More artifacts than this in one report are too many. */
  maxArtifacts: number;
  /** What else makes a report too large; undefined = it is not. */
  refuses: (draft: ReportDraft) => string | undefined;
  /** Enclaves that refuse. */
  readonly closedEnclaves: Set<string>;
  readonly asked: { related: readonly IndicatorRef[]; enclaveIds: readonly string[]; limit: number }[];
}

export function createFakeTrustar(name: string, calls: Calls, nowMs: () => number): FakeTrustar {
  const stored = new Map<string, Report>();
  const tags = new Map<string, readonly string[]>();
  const run = <T>(method: string, effect: () => T): Promise<T> => calls.run(`${name}.${method}`, effect);
  const byExternalId = (externalId: string) =>
    [...stored.values()].find((report) => report.externalId === externalId);
  const store = (id: string, draft: ReportDraft, createdMs: number) => {
    const artifacts = draft.body.match(/^\tArtifact \d+$/gm)?.length ?? 0;
    if (artifacts > fake.maxArtifacts) {
      throw new UpstreamError("upstream_too_large", "Too many indicators", { status: 413 });
    }
    const refusal = fake.refuses(draft);
    if (refusal !== undefined) throw new UpstreamError("upstream_too_large", refusal, { status: 413 });
    if (fake.closedEnclaves.has(draft.enclaveId)) {
      throw new UpstreamError("upstream_forbidden", "No access to the enclave", { status: 403 });
    }
    stored.set(id, {
      id,
      title: draft.title,
      body: draft.body,
      externalId: draft.externalId,
      externalUrl: undefined,
      enclaveIds: [draft.enclaveId],
      createdMs,
      updatedMs: nowMs(),
      timeBegan: "2023-11-14T22:13:20Z",
    });
  };
  const fake: FakeTrustar = {
    name,
    stored,
    tags,
    whitelisted: [],
    relatedIndicators: [],
    maxArtifacts: Number.POSITIVE_INFINITY,
    refuses: () => undefined,
    closedEnclaves: new Set(),
    asked: [],
    find: (externalId) => run("find", () => byExternalId(externalId)),
    submit: (draft) =>
      run("submit", () => {
        const known = byExternalId(draft.externalId);
        if (known !== undefined) throw new Error(`second report ${draft.externalId}`);
        const id = `${name}-report-${stored.size + 1}`;
        store(id, draft, nowMs());
        return id;
      }),
    update: (report, draft) =>
      run("update", () => {
        store(report.id, draft, report.createdMs ?? 0);
      }),
    remove: (id) =>
      run("remove", () => {
        stored.delete(id);
      }),
    tag: (id, names) =>
      run("tag", () => {
        tags.set(id, [...new Set([...(tags.get(id) ?? []), ...names])]);
      }),
    waitUntilProcessed: () => run("waitUntilProcessed", () => "done"),
    indicatorsOf: (id) => run("indicatorsOf", () => extract(stored.get(id)?.body ?? "")),
    related: (related, enclaveIds, limit) =>
      run("related", () => {
        fake.asked.push({ related, enclaveIds, limit });
        const asked = new Set(related.map(({ value }) => value));
        return fake.relatedIndicators.filter(({ value }) => !asked.has(value)).slice(0, limit);
      }),
    whitelist: (values) =>
      run("whitelist", () => {
        const recognised = values
          .filter((value) => /[.:@]/.test(value))
          .map((value) => ({ type: "URL", value }));
        fake.whitelisted.push(...recognised);
        return recognised;
      }),
    removeFromWhitelist: (indicator) =>
      run("removeFromWhitelist", () => {
        fake.whitelisted.push({ type: `removed ${indicator.type}`, value: indicator.value });
      }),
    redact: (title, body) =>
      run("redact", () => ({ title, body: body.replaceAll("seen in a mail", "[company]") })),
    priorityOf: () => run("priorityOf", () => "HIGH"),
    reportLink: (id) => `https://station.example/constellation/reports/${id}`,
    indicatorLink: ({ type, value }) =>
      `https://station.example/constellation/reports/${Buffer.from(`${type}%7C${value}`).toString("base64")}`,
  };
  return fake;
}

function extract(body: string): IndicatorRef[] {
  return [...body.matchAll(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g)].map(([value]) => ({ type: "IP", value }));
}
