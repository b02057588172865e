import { z } from "zod";
import { listEach } from "../http/list-each.js";
import { UpstreamError } from "../../src/core/errors.js";

const org = z.object({
  id: z.number(),
  name: z.string(),
  enabled: z.boolean().nullish(),
  uuid: z.string().nullish(),
  cloud_account: z.string().nullish(),
});

/** What logging in answers, by API key or by account. */
export const sessionAnswer = z.object({
  orgs: listEach(org).nullish(),
  csrf_token: z.string().nullish(),
  user_id: z.number().nullish(),
  api_key_handle: z.number().nullish(),
  session_ip: z.string().nullish(),
});

export type SessionAnswer = z.infer<typeof sessionAnswer>;

/** A list for people. */
const mostNamed = 50;
const longestName = 100;

export interface Org {
  readonly id: number;
  readonly name: string;
}

/**
 * The org of app.config among those of the account, compared exactly as the stock client does: cloud account, uuid,
 * then name.
 * @throws UpstreamError `upstream_forbidden` with the names to choose from
 */
export function chooseOrg(session: SessionAnswer, wanted: string | undefined): Org {
  const orgs = session.orgs ?? [];
  const names = orgs
    .slice(0, mostNamed)
    .map(({ name }) => `"${name.slice(0, longestName)}"`)
    .join(", ");
  if (orgs.length === 0) throw refusal("This Resilient account is not a member of any organization");
  if (wanted === undefined || wanted === "") {
    throw refusal(
      `Set org in [resilient] to the organization to connect to. This account is a member of ${names}`,
    );
  }
  const chosen = orgs.find((one) => [one.cloud_account, one.uuid, one.name].includes(wanted));
  if (chosen === undefined) {
    throw refusal(
      `org = ${wanted} in [resilient]: this account is not a member of it. It is a member of ${names}`,
    );
  }
  if (chosen.enabled !== true) {
    throw refusal(
      `The organization "${chosen.name.slice(0, longestName)}" is closed to this account: it does not allow access from this address ` +
        `(${session.session_ip?.slice(0, longestName) ?? "unknown"}), or it wants another way to log in`,
    );
  }
  return { id: chosen.id, name: chosen.name };
}

function refusal(message: string): UpstreamError {
  return new UpstreamError("upstream_forbidden", message);
}
