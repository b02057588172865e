import { type BrokerRefusalCode, BrokerRefusedError } from "../../src/core/errors.js";
import { withoutLogin } from "./broker-words.js";
import type { BrokerAddress, BrokerCredentials } from "./link-options.js";
import { dropped, type SessionEnd } from "./session-end.js";

/** Where in the life of a connection the broker said no. */
export interface RefusalContext {
  readonly address: BrokerAddress;
  readonly credentials: BrokerCredentials;
  readonly stage: "login" | "subscribe" | "ready";
  readonly destination?: string | undefined;
  /** After a lost link the broker may keep the dead connection's subscription for some heart-beats. */
  readonly hadSubscription: boolean;
}

/** What an ERROR frame with this text means for its connection. */
export function endBy(text: string, context: RefusalContext): SessionEnd {
  const error = refusalOf(text, context);
  if (error === undefined) {
    return dropped(`The message broker reported: ${withoutLogin(text, context.credentials)}`);
  }
  return {
    kind: "refused",
    error,
    destination: context.stage === "subscribe" ? context.destination : undefined,
  };
}

/**
 * Whether an ERROR frame's text is a refusal that asking again can't change. Everything else, an authentication
 * service that is down above all, is a reason to come back later.
 */
export function refusalOf(text: string, context: RefusalContext): BrokerRefusedError | undefined {
  const code = refusalCode(text, context);
  if (code === undefined) return undefined;
  return new BrokerRefusedError(code, `${saying(text, context)} ${remedy(code, context)}`);
}

function refusalCode(
  text: string,
  { stage, hadSubscription }: RefusalContext,
): BrokerRefusalCode | undefined {
  if (stage === "ready" || /unable to connect to authentication service/i.test(text)) return undefined;
  if (/already subscribed/i.test(text)) return hadSubscription ? undefined : "broker_already_subscribed";
  if (stage === "login") {
    return /\] or password is invalid|is not authorized/i.test(text)
      ? "broker_credentials_refused"
      : undefined;
  }
  return /is not authorized/i.test(text) ? "broker_destination_refused" : undefined;
}

function saying(text: string, { address, credentials, stage, destination = "" }: RefusalContext): string {
  const what = stage === "login" ? "the login" : `the subscription to ${destination}`;
  return `The message broker ${address.host}:${address.port} refused ${what}: "${withoutLogin(text, credentials)}".`;
}

function remedy(code: BrokerRefusalCode, { credentials, destination }: RefusalContext): string {
  const who = credentials.kind === "apiKey" ? "API key" : "user";
  switch (code) {
    case "broker_credentials_refused":
      return credentials.kind === "apiKey"
        ? "Check api_key_id and api_key_secret in [resilient], and that the key is neither locked nor expired."
        : "Check email and password in [resilient].";
    case "broker_destination_refused":
      return `Add the ${who} of app.config to the message destination ${nameOf(destination)} in the platform's administrator settings (the customize command does this for [trustar] queue), and check org and [trustar] queue.`;
    case "broker_already_subscribed":
      return "Another program listens there: stop the other copy of this program, or the old Python app.";
  }
}

/** `actions.201.trustar` → `trustar`: what administrators see. */
function nameOf(destination: string | undefined): string {
  return destination?.split(".").slice(2).join(".") ?? "";
}
