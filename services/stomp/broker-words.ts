import { withoutSecrets } from "../http/without-values.js";
import { escapeHeader, unescapeHeader } from "./frame.js";
import type { BrokerCredentials } from "./link-options.js";

/**
 * What a broker says, without what we log in with: its words go into errors, the log and GET /ready. CONNECT escapes
 * nothing and later frames do, so either spelling may come back.
 */
export function withoutLogin(text: string, { login, passcode }: BrokerCredentials): string {
  const sent = [login, passcode.reveal()];
  return withoutSecrets(
    text,
    sent.flatMap((one) => [one, escapeHeader(one), unescapeHeader(one)]),
  );
}
