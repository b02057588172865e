import { TrustarResilientError } from "../../src/core/errors.js";

/** What was asked can't be done as things stand; the message tells the analyst or the administrator what to do. */
export class ActionError extends TrustarResilientError {
  readonly code = "action_impossible";
}
