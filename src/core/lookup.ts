import type { Artifact, FileDigests } from "./artifact.js";
import type { Hit } from "./hit.js";

declare const brand: unique symbol;

/** The id rc-cts gives to an artifact: UUIDv5 of the request's JSON as Python writes it. */
export type LookupId = string & { readonly [brand]: "LookupId" };

/** One POST of the platform. */
export interface Submission {
  /** The artifact's JSON exactly as received: the id is computed from it. */
  readonly sourceText: string;
  readonly artifact: Artifact;
  /** Present when a file came along and uploads are switched on. */
  readonly file?: FileDigests | undefined;
}

/** What we know of a look-up right now. "Could not ask" is `failed`, never `finished` without hits. */
export type Answer =
  | { readonly state: "finished"; readonly id: LookupId; readonly hits: readonly Hit[] }
  | {
      readonly state: "pending";
      readonly id: LookupId;
      /** Partial hits: shown at once. */
      readonly hits: readonly Hit[];
      readonly retrySecs: number;
    }
  | { readonly state: "failed"; readonly id: LookupId; readonly error: string };

/** What the routes need of the look-up engine. */
export interface LookupService {
  /**
   * Starts or joins the look-up of an artifact and waits a moment for its end.
   * @throws InvalidArtifactError the body can't be identified
   * @throws OverloadedError nothing more is accepted now
   */
  submit(submission: Submission): Promise<Answer>;
  /** The state of a look-up. An id that was never issued is finished without hits, as rc-cts answers. */
  poll(id: string): Answer;
}
