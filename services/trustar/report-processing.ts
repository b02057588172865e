import type { ReportProcessing } from "../../src/core/report.js";
import type { Pause } from "../http/pause.js";

/** Half a minute in all; few polls, because each one counts against the day's quota and the minute's limit. */
const pausesMs = [300, 1_200, 2_500, 5_000, 8_000, 13_000];

const byStatus: Readonly<Record<string, ReportProcessing>> = {
  SUBMISSION_PROCESSING: "processing",
  SUBMISSION_SUCCESS: "done",
  SUBMISSION_FAILURE: "failed",
};

/** TruSTAR's word for it; UNKNOWN means "not begun", or an old report that was not touched lately. */
export function toProcessing(status: string): ReportProcessing {
  return byStatus[status] ?? "unknown";
}

/** Asks until processing has come to an end, or half a minute is over: the last that was heard is the result. */
export async function pollProcessing(
  ask: () => Promise<ReportProcessing>,
  pause: Pause,
  signal: AbortSignal,
): Promise<ReportProcessing> {
  let heard: ReportProcessing = "unknown";
  for (const pauseMs of pausesMs) {
    await pause(pauseMs, signal);
    heard = await ask();
    if (heard === "done" || heard === "failed") return heard;
  }
  return heard;
}
