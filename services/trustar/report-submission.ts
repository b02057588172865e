import { UpstreamError } from "../../src/core/errors.js";
import type { Report, ReportDraft } from "../../src/core/report.js";
import type { AnalystCalls } from "./analyst-calls.js";
import type { Pause } from "../http/pause.js";
import { findCall, submitCall, toReport, updateCall } from "./report-calls.js";
import { reportDetails, submittedId } from "./report-schema.js";

/** A report that was just stored may be unknown for a while: so it is looked for several times, this far apart. */
const shortLookMs = [500, 1_000, 2_000, 4_000];
/** When there is reason to believe that it is there. */
const longLookMs = [...shortLookMs, 8_000, 15_000];

/**
 * Stores a report once, although its answer may get lost on the way: while that is in doubt nothing is sent before the
 * external id was looked for, and TruSTAR's refusal of a second report with that id is the last safeguard.
 */
export class ReportSubmission {
  readonly #calls: AnalystCalls;
  readonly #pause: Pause;

  constructor(calls: AnalystCalls, pause: Pause) {
    this.#calls = calls;
    this.#pause = pause;
  }

  /** @returns TruSTAR's id */
  async submit(draft: ReportDraft, signal: AbortSignal): Promise<string> {
    let inDoubt = false;
    return this.#calls.patiently(async (bounded) => {
      const arrived = inDoubt ? await this.#claim(draft, shortLookMs, bounded) : undefined;
      if (arrived !== undefined) return arrived;
      try {
        return await this.#send(draft, bounded);
      } catch (error) {
        const isTaken = isRejection(error) && (inDoubt || /exist|duplicate|unique/i.test(error.message));
        inDoubt ||= isRejection(error) || mayHaveArrived(error);
        if (!isRejection(error)) throw error;
        const taken = await this.#claim(draft, isTaken ? longLookMs : shortLookMs, bounded);
        if (taken === undefined) throw error;
        return taken;
      }
    }, signal);
  }

  async #send(draft: ReportDraft, signal: AbortSignal): Promise<string> {
    const call = submitCall(draft);
    const { text, status, headers } = await this.#calls.text(call, signal);
    const id = submittedId.safeParse(text);
    if (id.success) return id.data;
    const facts = { status, traceId: headers.get("trace-id") };
    throw new UpstreamError("upstream_invalid_answer", "TruSTAR's answer to /reports is not an id", facts);
  }

  /** The report of that external id, if it appears, made to say what the draft says. */
  async #claim(
    draft: ReportDraft,
    pausesMs: readonly number[],
    signal: AbortSignal,
  ): Promise<string | undefined> {
    for (const pauseMs of pausesMs) {
      await this.#pause(pauseMs, signal);
      const report = await findReport(this.#calls, draft.externalId, signal);
      if (report === undefined) continue;
      const isElsewhere = report.enclaveIds.length > 0 && !report.enclaveIds.includes(draft.enclaveId);
      if (isElsewhere) return undefined;
      if (report.title !== draft.title || report.body !== draft.body) {
        await this.#calls.text(updateCall(report, draft), signal);
      }
      return report.id;
    }
    return undefined;
  }
}

/** Asks once; undefined = TruSTAR knows none, or not yet. */
export async function findReport(
  calls: AnalystCalls,
  externalId: string,
  signal: AbortSignal,
): Promise<Report | undefined> {
  return unlessUnknown(undefined, async () =>
    toReport(await calls.json(findCall(externalId), reportDetails, signal)),
  );
}

/** 404 has an answer of its own. */
export async function unlessUnknown<T>(instead: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UpstreamError && error.code === "upstream_not_found") return instead;
    throw error;
  }
}

/** The status that TruSTAR refuses a second report of the same external id with is not documented. */
function isRejection(error: unknown): error is UpstreamError {
  return error instanceof UpstreamError && error.code === "upstream_rejected";
}

const neverConnected = new Set(["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH"]);

function mayHaveArrived(error: unknown): boolean {
  if (!(error instanceof UpstreamError) || !error.retryable || error.code === "upstream_token_expired") {
    return false;
  }
  return !(error.cause instanceof Error && neverConnected.has(error.cause.message));
}
