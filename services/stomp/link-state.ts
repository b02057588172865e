import type { BrokerRefusedError } from "../../src/core/errors.js";

export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
  /** A link that stayed up this long starts again from `firstMs`; one that flaps keeps waiting longer. */
  readonly stableMs: number;
}

export const patientBackoff: Backoff = { firstMs: 1_000, maxMs: 60_000, stableMs: 60_000 };

/** `attempt` counts the connections tried since the link was last good for a while. */
export type LinkState =
  | { readonly phase: "idle" }
  | { readonly phase: "connecting"; readonly attempt: number; readonly lastReason: string | undefined }
  | { readonly phase: "ready"; readonly attempt: number }
  | { readonly phase: "waiting"; readonly attempt: number; readonly delayMs: number; readonly reason: string }
  | { readonly phase: "refused"; readonly error: BrokerRefusedError }
  | { readonly phase: "stopping" }
  | { readonly phase: "stopped" };

export type LinkEvent =
  | { readonly type: "started" }
  | { readonly type: "subscribed" }
  /** `random` is in [0, 1): the jitter that keeps a fleet of workers from coming back in step. */
  | {
      readonly type: "dropped";
      readonly reason: string;
      readonly upMs: number;
      readonly random: number;
    }
  | { readonly type: "waited" }
  | { readonly type: "refused"; readonly error: BrokerRefusedError }
  | { readonly type: "stopping" }
  | { readonly type: "stopped" };

/**
 * What the link does next. Pure, so every transition is a one-line test.
 *
 * `refused` and `stopped` are ends; while `stopping`, a dropped link is not built up again.
 */
export function nextState(state: LinkState, event: LinkEvent, backoff: Backoff): LinkState {
  if (state.phase === "refused" || state.phase === "stopped") return state;
  if (state.phase === "stopping") return event.type === "stopped" ? { phase: "stopped" } : state;
  switch (event.type) {
    case "started":
      return { phase: "connecting", attempt: 1, lastReason: undefined };
    case "subscribed":
      return { phase: "ready", attempt: attemptOf(state) };
    case "dropped": {
      const attempt = event.upMs >= backoff.stableMs ? 1 : attemptOf(state);
      const delayMs = delayFor(attempt, backoff, event.random);
      return { phase: "waiting", attempt, delayMs, reason: event.reason };
    }
    case "waited":
      return {
        phase: "connecting",
        attempt: attemptOf(state) + 1,
        lastReason: state.phase === "waiting" ? state.reason : undefined,
      };
    case "refused":
      return { phase: "refused", error: event.error };
    case "stopping":
      return { phase: "stopping" };
    case "stopped":
      return { phase: "stopped" };
  }
}

/** Doubles with each attempt up to the limit; between half and all of it is waited. */
export function delayFor(attempt: number, backoff: Backoff, random: number): number {
  const full = Math.min(backoff.maxMs, backoff.firstMs * 2 ** (attempt - 1));
  return Math.round(full * (0.5 + random / 2));
}

/** What keeps deliveries from coming, as a sentence; nothing when the link is good. */
export function problemOf(state: LinkState): string | undefined {
  switch (state.phase) {
    case "idle":
      return "The link to the message broker was not started.";
    case "connecting":
      return state.lastReason ?? "Connecting to the message broker.";
    case "ready":
      return undefined;
    case "waiting":
      return state.reason;
    case "refused":
      return state.error.message;
    case "stopping":
    case "stopped":
      return "The link to the message broker is closed.";
  }
}

function attemptOf(state: LinkState): number {
  return state.phase === "connecting" || state.phase === "ready" || state.phase === "waiting"
    ? state.attempt
    : 1;
}
