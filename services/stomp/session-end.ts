import { type BrokerRefusedError, DeliveryLostError } from "../../src/core/errors.js";

/** How one connection to the broker ended. */
export type SessionEnd =
  | { readonly kind: "dropped"; readonly reason: string }
  /** `destination`: all that was refused is the subscription to it. */
  | {
      readonly kind: "refused";
      readonly error: BrokerRefusedError;
      readonly destination?: string | undefined;
    }
  /** We said good-bye. */
  | { readonly kind: "closed" };

export function dropped(reason: string): SessionEnd {
  return { kind: "dropped", reason };
}

/** What becomes of answers that the connection took with it. */
export function lost(): DeliveryLostError {
  return new DeliveryLostError(
    "The link to the message broker was lost; the message will be delivered again.",
  );
}
