import type { Logger } from "pino";
import {
  probeThreatService,
  type ThreatServiceAnswer,
} from "../../../services/probes/threat-service-probe.js";
import { probeTls } from "../../../services/probes/tls-probe.js";
import { connectionTrouble, socketFailure } from "../../../services/http/network-trouble.js";
import type { AppConfig } from "../../config/app-config.js";
import { hostAndPort } from "../../core/proxy.js";
import { systemClock } from "../../core/time.js";
import { threatServiceRoots } from "../http-app.js";
import { startProgram } from "../run-program.js";
import { failed, ok, type Link, type Verdict } from "./link.js";
import { judgeOwnCertificate } from "./own-certificate.js";

/** Resilient's side of the threat service: posts to the configured address and reads the answer. */
export function threatServiceLink(config: AppConfig, version: string, log: Logger): Link {
  return {
    id: "threat_service",
    title: "Threat service",
    needs: ["secrets"],
    fix: "correct [webserver] and [custom_threat_service]",
    check: async (signal) => {
      try {
        return await post(config, "the running server", signal);
      } catch (error) {
        signal.throwIfAborted();
        const { code, message } = socketFailure(error);
        if (code === "EPROTO" || code === "HPE_INVALID_CONSTANT") return otherScheme(config);
        if (code !== "ECONNREFUSED") return unreachable(config, connectionTrouble(code) ?? message);
      }
      return postToOwn(config, version, log, signal);
    },
  };
}

/** Nobody is there: the server is started for this one question. Its state file is left alone. */
async function postToOwn(
  config: AppConfig,
  version: string,
  log: Logger,
  signal: AbortSignal,
): Promise<Verdict> {
  const done = new AbortController();
  const either = AbortSignal.any([signal, done.signal]);
  const own = {
    ...config,
    warnings: [],
    threatService: { ...config.threatService, stateFile: undefined },
  };
  const program = await startProgram({
    config: own,
    only: "server",
    log,
    clock: systemClock,
    version,
    signal: either,
  });
  try {
    return await post(config, "the server (it is not running; started for this test)", signal);
  } catch (error) {
    const { code, message } = socketFailure(error);
    return unreachable(config, connectionTrouble(code) ?? message);
  } finally {
    done.abort();
    await program.closed;
  }
}

async function post(config: AppConfig, who: string, signal: AbortSignal): Promise<Verdict> {
  const url = rootUrl(config);
  const { credentials } = config.threatService;
  const { status, body } = await probeThreatService({ url, credentials }, signal);
  if (status === 200 && isAnswer(body)) return withCertificate(`${who} answers at ${url}`, config, signal);
  return failed(`${who} answers at ${url} with ${describe({ status, body })}`, remedy(status));
}

async function withCertificate(
  detail: string,
  { webserver }: AppConfig,
  signal: AbortSignal,
): Promise<Verdict> {
  if (webserver.tls === undefined) return ok(detail);
  const shown = await probeTls({ host: reachableHost(webserver.host), port: webserver.port }, signal);
  const verdict = judgeOwnCertificate(shown, webserver);
  return { ...verdict, detail: `${detail}; ${verdict.detail}` };
}

function remedy(status: number): string {
  if (status === 401) {
    return "the server that runs there has another auth_user or auth_password: restart it with this app.config";
  }
  const other = "if another program has this address, stop it, or change port in [webserver]";
  return status === 404
    ? `if it is this program, it runs with another urlbase: restart it with this app.config; ${other}`
    : other;
}

function describe({ status, body }: ThreatServiceAnswer): string {
  return isAnswer(body) || status !== 200
    ? `status ${status}`
    : "something that is no threat service's answer";
}

function isAnswer(body: string): boolean {
  try {
    const answer: unknown = JSON.parse(body);
    return typeof answer === "object" && answer !== null && "hits" in answer && Array.isArray(answer.hits);
  } catch {
    return false;
  }
}

function unreachable(config: AppConfig, why: string): Verdict {
  return failed(`${rootUrl(config)}: ${why}`, "correct server, port and secure in [webserver]");
}

function otherScheme(config: AppConfig): Verdict {
  const speaks = config.webserver.tls === undefined ? "does not speak http" : "does not speak https";
  return failed(
    `${rootUrl(config)}: what runs there ${speaks}`,
    "if it is this program, it runs with another secure in [webserver]: restart it with this app.config; otherwise change port",
  );
}

function reachableHost(host: string): string {
  if (host === "::") return "::1";
  return host === "0.0.0.0" || host === "localhost" ? "127.0.0.1" : host;
}

/** As it is registered with the platform, on this machine. */
function rootUrl({ webserver: { host, port, tls }, threatService }: AppConfig): string {
  const authority = hostAndPort({ host: reachableHost(host), port });
  const [root = ""] = threatServiceRoots(threatService.urlBase);
  return `${tls === undefined ? "http" : "https"}://${authority}${root}`;
}
