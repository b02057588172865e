import { rootCertificates } from "node:tls";
import type { Enclave } from "../../../services/trustar/trustar-schema.js";
import type { AppConfig } from "../../config/app-config.js";
import {
  openTrustarAccess,
  type TrustarAccess,
  type TrustarAccessDeps,
  type TrustarLogin,
} from "../trustar-access.js";
import type { Releasers } from "../releasers.js";
import { failed, ok, warning, type Link, type Verdict } from "./link.js";
import { wayLinks } from "./tls-link.js";

/** One section with an account, and the enclaves it wants to use. */
interface Account {
  readonly section: string;
  readonly login: TrustarLogin;
  readonly search: readonly string[];
  readonly submit: readonly string[];
}

export function trustarLinks(
  config: AppConfig,
  deps: TrustarAccessDeps,
  releasers: Releasers,
): readonly Link[] {
  const accounts = accountsOf(config);
  const urls = [...new Set(accounts.map(({ login }) => login.url))];
  return [
    ...urls.flatMap((url) => reachLinks(url, accounts)),
    ...accounts.flatMap((account) =>
      accountLinks(account, openTrustarAccess(account.login, 2, deps, releasers)),
    ),
  ];
}

function accountsOf({ threatSource, worker }: AppConfig): readonly Account[] {
  const source: Account[] =
    threatSource === undefined
      ? []
      : [
          {
            section: "trustar_threat_source",
            login: threatSource,
            search: threatSource.enclaveIds,
            submit: [],
          },
        ];
  const accounts = (worker?.accounts ?? []).map((account): Account => {
    const { name, queryEnclaveIds, submissionEnclaveIds } = account.policy;
    return { section: name, login: account, search: queryEnclaveIds, submit: submissionEnclaveIds };
  });
  return [...source, ...accounts];
}

const reachId = (url: string): string => `trustar.tls ${url}`;

/** All accounts of one address are reached in one way. */
function reachLinks(url: string, accounts: readonly Account[]): readonly Link[] {
  const { protocol, hostname, port } = new URL(url);
  const { ca, proxy } = accounts.find(({ login }) => login.url === url)?.login ?? {};
  if (protocol === "http:") {
    return [plainLink(url)];
  }
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return wayLinks({
    id: reachId(url),
    peer: "TruSTAR",
    host,
    port: port === "" ? 443 : Number(port),
    ca: ca === undefined ? undefined : [...rootCertificates, ca],
    proxy,
    isOnInternet: true,
    caFix: "name the file of that authority with cafile in [trustar]",
    addressFix: "correct url, or let the firewall pass it",
    exitCode: 1,
  });
}

function plainLink(url: string): Link {
  return {
    id: reachId(url),
    title: "TLS to TruSTAR",
    needs: ["config"],
    check: () => Promise.resolve(warning(`${url} is not encrypted`, "write https:// in url")),
  };
}

function accountLinks({ section, login, search, submit }: Account, access: TrustarAccess): readonly Link[] {
  const tokenId = `trustar.token ${section}`;
  return [
    {
      id: tokenId,
      title: `TruSTAR token [${section}]`,
      needs: ["secrets", reachId(login.url)],
      fix: `correct url, user_api_key and user_api_secret in [${section}]`,
      check: async (signal) => {
        await access.client.authenticate(signal);
        return ok("key and secret are accepted");
      },
    },
    {
      id: `trustar.enclaves ${section}`,
      title: `TruSTAR enclaves [${section}]`,
      needs: [tokenId],
      check: async (signal) => judgeEnclaves(section, await access.listEnclaves(signal), search, submit),
    },
    {
      id: `trustar.quota ${section}`,
      title: `TruSTAR quota [${section}]`,
      needs: [tokenId],
      check: async (signal) => judgeQuota(await access.readQuota(signal)),
    },
  ];
}

function judgeEnclaves(
  section: string,
  seen: readonly Enclave[],
  search: readonly string[],
  submit: readonly string[],
): Verdict {
  const byId = new Map(seen.map((enclave) => [enclave.id, enclave]));
  const problems = [
    ...search.map((id) => lacking(id, byId.get(id), "read", ({ read }) => read)),
    ...submit.map((id) => lacking(id, byId.get(id), "submit to", ({ create }) => create)),
    ...submit.map((id) => lacking(id, byId.get(id), "update reports in", ({ update }) => update)),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) {
    const fix = `correct the enclave ids in [${section}], or have the account's rights changed in TruSTAR Station`;
    return failed([...new Set(problems)].join("; ") + others(seen, [...search, ...submit]), fix);
  }
  const readable = seen.filter(({ read }) => read).length;
  if (search.length === 0 && readable === 0) {
    return failed("the account may read no enclave at all", "have its rights changed in TruSTAR Station");
  }
  const parts = [
    search.length === 0 ? `searches all ${readable} that it may read` : `may read ${namesOf(search, byId)}`,
    ...(submit.length === 0 ? [] : [`may submit to ${namesOf(submit, byId)}`]),
  ];
  return ok(parts.join("; "));
}

/** When an id is wrong altogether: which ones there are. */
function others(seen: readonly Enclave[], ids: readonly string[]): string {
  if (ids.every((id) => seen.some((enclave) => enclave.id === id))) return "";
  const submittable = seen.filter(({ create }) => create).map(({ name, id }) => `"${name}" (${id})`);
  return submittable.length === 0 ? "" : `; it may submit to ${submittable.slice(0, 5).join(", ")}`;
}

function lacking(
  id: string,
  enclave: Enclave | undefined,
  what: string,
  isAllowed: (enclave: Enclave) => boolean,
): string | undefined {
  if (enclave === undefined) return `the account does not see enclave ${id}`;
  return isAllowed(enclave) ? undefined : `the account may not ${what} enclave ${id} (${enclave.name})`;
}

function namesOf(ids: readonly string[], byId: ReadonlyMap<string, Enclave>): string {
  return ids.map((id) => `"${byId.get(id)?.name ?? id}"`).join(", ");
}

/** Under this part of the day's calls somebody should know. */
const scarce = 0.1;

function judgeQuota(quota: Awaited<ReturnType<TrustarAccess["readQuota"]>>): Verdict {
  if (quota === undefined) return ok("nothing limits the day");
  const { maxRequests, usedRequests, resetAtMs } = quota;
  const left = Math.max(0, maxRequests - usedRequests);
  const detail = `${left} of ${maxRequests} calls left until ${new Date(resetAtMs).toISOString()}`;
  const fix = "look-ups and reports wait until then; ask TruSTAR for a larger quota";
  if (left === 0) return failed(detail, fix);
  return left < scarce * maxRequests ? warning(detail, fix) : ok(detail);
}
