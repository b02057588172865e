import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LoginKind, Soar } from "../../support/soar.js";
import type { TrustarSimulator } from "../../support/trustar-simulator/start-trustar-simulator.js";
import { brokerHost, trustarHost } from "./house.js";

export interface ConfigFacts {
  readonly folder: string;
  /** Where state is kept. */
  readonly disk: string;
  readonly port: number;
  readonly trustar: TrustarSimulator;
  readonly trustarPort: number;
  readonly soar: Soar;
  readonly login: LoginKind;
  readonly resilientPort: number;
  readonly brokerPort: number;
  readonly brokerCa: string;
  /** TruSTAR's limit; as good as none where a test has no time for it. */
  readonly callsPerMinute: number;
  /** Look-ups that it may have in memory, under way and finished; as many as by default when absent. */
  readonly roomFor: number | undefined;
  /** Everything goes through the HTTP proxy on this port. */
  readonly proxyPort: number | undefined;
}

export const ctsLogin = { user: "resilient", password: "pa55word-of-the-threat-service" };
export const submissionEnclaves = 2;

/** Seconds instead of minutes where the file lets one choose; everything else as in production. */
export async function appConfig(facts: ConfigFacts): Promise<string> {
  const { folder, soar, trustar, trustarPort, proxyPort, roomFor } = facts;
  const proxied = proxyPort !== undefined;
  const [restCa, brokerCa] = [join(folder, "resilient-ca.pem"), join(folder, "broker-ca.pem")];
  await writeFile(restCa, soar.resilient.caPem ?? "");
  await writeFile(brokerCa, facts.brokerCa);
  const account = `url = https://${trustarHost}:${trustarPort}
user_api_key = ${trustar.credentials.key}
user_api_secret = ${trustar.credentials.secret}
timeout_secs = 2
calls_per_minute = ${facts.callsPerMinute}`;
  const { apiKey, account: person } = soar.resilient;
  const credentials =
    facts.login === "api-key"
      ? `api_key_id = ${apiKey.id}\napi_key_secret = ${apiKey.secret}`
      : `email = ${person.email}\npassword = ${person.password}`;
  const enclaves = trustar.enclaves.slice(0, submissionEnclaves).map(({ id }) => id);
  return `[resilient]
host = localhost
port = ${facts.resilientPort}
org = ${soar.resilient.org.name}
${credentials}
cafile = ${restCa}
stomp_host = ${brokerHost}
stomp_port = ${facts.brokerPort}
stomp_cafile = ${brokerCa}
stomp_heartbeat_secs = 1
stomp_timeout = 2
${proxied ? `proxy_host = 127.0.0.1\nproxy_port = ${proxyPort}\n` : ""}[trustar]
${proxied ? `proxy = true\nproxy_url = 127.0.0.1:${proxyPort}\n` : ""}[webserver]
port = ${facts.port}
[custom_threat_service]
state_file = ${join(facts.disk, "lookups.state")}
auth_user = ${ctsLogin.user}
auth_password = ${ctsLogin.password}
answer_within_ms = 100
first_retry_secs = 1
later_retry_secs = 1
max_retries = 10000
${roomFor === undefined ? "" : `cache_size = ${roomFor}\nmax_pending = ${roomFor}\n`}[trustar_threat_source]
${account}
[trustar_account_1]
${account}
enclave_ids_for_submission = ${enclaves.join(", ")}
auto_submission = enable
workspace = Default workspace, SOC East
tag = resilient
`;
}
