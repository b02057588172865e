import { TrustarResilientError } from "../../src/core/errors.js";

/** The keyring can't be asked, or gives no clear answer; the message completes "the keyring can't be used: …". */
export class KeyringUnavailableError extends TrustarResilientError {
  readonly code = "keyring_unavailable";
}
