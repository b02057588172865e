export interface Verdict {
  /** warning: it works, but somebody should look at it. */
  readonly state: "ok" | "warning" | "failed";
  /** What was seen, as a sentence without a full stop. */
  readonly detail: string;
  /** What to do about it. */
  readonly fix?: string | undefined;
  /** resilient-circuits' code for this failure, where it has one. */
  readonly exitCode?: number | undefined;
}

/** One thing that has to be right; `check` may also throw, then the error's message is the detail. */
export interface Link {
  /** Stable, for programs: "resilient.login". */
  readonly id: string;
  /** For people. */
  readonly title: string;
  /** Ids of links without which this one can't be tried. */
  readonly needs: readonly string[];
  /** What to do when it throws something that says no remedy of its own. */
  readonly fix?: string | undefined;
  readonly exitCode?: number | undefined;
  check(signal: AbortSignal): Promise<Verdict>;
}

export interface LinkResult extends Omit<Verdict, "state"> {
  readonly id: string;
  readonly title: string;
  readonly state: Verdict["state"] | "skipped";
}

/** As resilient-circuits ends; a selftest that fails elsewhere ends with 1. */
export const circuitsExitCodes = {
  connection: 20,
  unauthorized: 21,
  caFileNotFound: 22,
  certificate: 23,
  organization: 24,
  password: 25,
  broker: 30,
  brokerLogin: 31,
  brokerDestination: 32,
  subscription: 33,
} as const;

export const ok = (detail: string): Verdict => ({ state: "ok", detail });
export const warning = (detail: string, fix?: string): Verdict => ({ state: "warning", detail, fix });
export const failed = (detail: string, fix?: string, exitCode?: number): Verdict => ({
  state: "failed",
  detail,
  fix,
  exitCode,
});
