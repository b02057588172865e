import type { StayReason } from "./egress-policy.js";

/** How a submission was taken, for metrics. */
export type Intake =
  "started" | "joined" | "cached" | "outdated" | "kept_inside" | "not_knowable" | "refused";
export type Ending = "hit" | "miss" | "failed";

export interface LookupObserver {
  taken(intake: Intake): void;
  kept(reason: StayReason): void;
  /** Of an artifact of this type nothing was asked. @param type as posted */
  notAsked(type: string, why: "kept_inside" | "not_knowable"): void;
  ended(ending: Ending, durationMs: number): void;
}
