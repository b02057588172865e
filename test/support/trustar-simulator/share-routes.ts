import { recordBody, requiredText, type Exchange, type Route } from "./exchange.js";
import { json, type Reply } from "./reply.js";
import { ReportDesk } from "./report-desk.js";
import { parseReport, type ReportInput } from "./report-input.js";
import type { Report } from "./report-store.js";
import { tagNames } from "./tag-name.js";
import type { World } from "./world.js";

export function shareRoutes(world: World): readonly Route[] {
  const desk = new ReportDesk(world);
  return [
    { method: "POST", template: "/reports/copy/{id}", handle: (exchange) => copy(world, desk, exchange) },
    { method: "POST", template: "/reports/move/{id}", handle: (exchange) => move(desk, exchange) },
    { method: "POST", template: "/redaction/report", handle: ({ body }) => redact(world, body) },
  ];
}

function copy(world: World, desk: ReportDesk, exchange: Exchange): Reply {
  const enclaveId = exchange.query.required("destEnclaveId");
  const original = desk.findInternal(exchange);
  const edited = exchange.query.flag("copyFromProvidedSubmission", false);
  const source = edited ? editedCopy(exchange.body, enclaveId, world.clock.now()) : plainCopy(original);
  const { id, submissionVersion } = desk.submit(
    exchange.account,
    { ...freeTrackingId(world, source.input, enclaveId), enclaveId },
    source.tags,
  );
  return json({ id, submissionVersion });
}

interface CopySource {
  readonly input: ReportInput;
  readonly tags: readonly string[];
}

function plainCopy({ title, reportBody, timeBegan, enclaveId, tags, ...rest }: Report): CopySource {
  const { externalTrackingId, externalUrl } = rest;
  return {
    tags,
    input: {
      title,
      reportBody,
      timeBegan,
      enclaveId,
      ...(externalTrackingId === undefined ? {} : { externalTrackingId }),
      ...(externalUrl === undefined ? {} : { externalUrl }),
    },
  };
}

/** The whole report comes in the body, with tag names; its own enclaves are ignored. */
function editedCopy(body: unknown, enclaveId: string, nowMs: number): CopySource {
  const record = recordBody(body);
  return {
    input: parseReport({ ...record, enclaveIds: [enclaveId] }, nowMs),
    tags: tagNames(record.tags),
  };
}

/** A second copy in one enclave can't have the same tracking id; it goes without. */
function freeTrackingId(world: World, input: ReportInput, enclaveId: string): ReportInput {
  const { externalTrackingId, ...rest } = input;
  const taken = world.reports
    .byExternalId(externalTrackingId ?? "")
    .some((report) => report.enclaveId === enclaveId);
  return taken ? rest : input;
}

function move(desk: ReportDesk, exchange: Exchange): Reply {
  const enclaveId = exchange.query.required("destEnclaveId");
  const moved = desk.move(exchange.account, desk.findInternal(exchange), enclaveId);
  return json({ id: moved.id, submissionVersion: moved.submissionVersion });
}

function redact(world: World, body: unknown): Reply {
  const record = recordBody(body);
  const clean = (text: string): string =>
    Object.entries(world.redactions).reduce((rest, [term, instead]) => rest.replaceAll(term, instead), text);
  return json({
    title: clean(requiredText(record, "title")),
    reportBody: clean(requiredText(record, "reportBody")),
  });
}
