import type { ResilientConfig, ResilientCredentials, StompConfig, TrustedAuthorities } from "./app-config.js";
import type { EnvironmentProxies } from "./environment-proxies.js";
import { isHost } from "./host-name.js";
import { readAuthorities, readClientCert } from "./pem-file.js";
import { resilientProxies } from "./resilient-proxy.js";
import type { SectionReader } from "./section-reader.js";
import { Secret } from "../core/secret.js";
import { SECOND_MS } from "../core/time.js";

interface Folders {
  readonly cwd: string;
  readonly home: string;
}

/** resilient-circuits' own limit for both. */
const workerRange = { min: 1, max: 2_000 };

/** The keys of resilient-circuits that mean something here; the others are left alone. */
export function parseResilient(
  section: SectionReader,
  folders: Folders,
  environment: EnvironmentProxies,
): ResilientConfig {
  const host = readHost(section, "host", "port");
  if (host === undefined) section.missing("host", "it is the host name of the Resilient server");
  const org = section.text("org");
  if (org === undefined) section.missing("org", "it is the name of the organization to work for");
  const numWorkers = section.integer("num_workers", { ...workerRange, fallback: 25 });
  const ca = readAuthorities(
    section,
    "cafile",
    folders,
    section.has("stomp_cafile") ? "Resilient" : "Resilient and of its message broker",
  );
  const port = section.integer("port", { min: 1, max: 65_535, fallback: 443 });
  const proxyFor = resilientProxies(section, environment);
  const stomp = readStomp(section, folders, { host: host ?? "", ca });
  return {
    host: host ?? "",
    port,
    resourcePrefix: readResourcePrefix(section),
    org: org ?? "",
    credentials: readCredentials(section),
    ca,
    proxy: proxyFor({ host: host ?? "", port }),
    clientCert: readClientCert(section, folders),
    stomp: { ...stomp, proxy: proxyFor(stomp) },
    numWorkers,
  };
}

function readStomp(
  section: SectionReader,
  folders: Folders,
  fallback: Pick<StompConfig, "host" | "ca">,
): StompConfig {
  const own: TrustedAuthorities = readAuthorities(
    section,
    "stomp_cafile",
    folders,
    "Resilient's message broker",
  );
  return {
    host: readHost(section, "stomp_host", "stomp_port") ?? fallback.host,
    port: section.integer("stomp_port", { min: 1, max: 65_535, fallback: 65_001 }),
    ca: own ?? fallback.ca,
    connectTimeoutMs:
      section.integer("stomp_timeout", { min: 1, max: 3_600, fallback: 60, unit: "seconds" }) * SECOND_MS,
    // As many as may be: accounts share, and events of an incident join, within what the broker sends ahead.
    prefetch: section.integer("stomp_prefetch_limit", { ...workerRange, fallback: workerRange.max }),
    heartbeatMs:
      section.integer("stomp_heartbeat_secs", { min: 1, max: 600, fallback: 15, unit: "seconds" }) *
      SECOND_MS,
  };
}

/** For a host that is none: the program doesn't start with it. */
const standIn = "localhost";

function readHost(section: SectionReader, key: string, portKey: string): string | undefined {
  const host = section.text(key)?.replace(/^\[(.*)\]$/, "$1");
  if (host === undefined || isHost(host)) return host;
  if (host.includes("@")) {
    const where = "a log-in belongs into api_key_id and api_key_secret, or email and password";
    section.problem(key, `must be a host name alone, such as soar.example.com; ${where}`);
    return standIn;
  }
  const port = /^(?:[^:[\]]*|\[[^\]]*\]):\d*$/.test(host) ? `; its port belongs into ${portKey}` : "";
  section.problem(
    key,
    `must be a host name such as soar.example.com, or an IP address, without https:// and path, ` +
      `not ${section.shown(key)}${port}`,
  );
  return standIn;
}

function readResourcePrefix(section: SectionReader): string {
  const names = (section.text("resource_prefix") ?? "").split("/").filter((name) => name !== "");
  if (!names.every((name) => /^(?!\.+$)[\w.~-]+$/.test(name))) {
    const shown = section.shown("resource_prefix");
    section.problem("resource_prefix", `must be a path such as /api/respond, not ${shown}`);
  }
  return names.map((name) => `/${name}`).join("");
}

/** As in resilient-circuits, an API key that is complete goes before an account; only what is used is resolved. */
function readCredentials(section: SectionReader): ResilientCredentials {
  const [hasId, hasSecret] = [section.has("api_key_id"), section.has("api_key_secret")];
  const [hasEmail, hasPassword] = [section.has("email"), section.has("password")];
  const byAccount = hasEmail && hasPassword && !(hasId && hasSecret);
  if (byAccount || (!hasId && !hasSecret && (hasEmail || hasPassword))) return readAccount(section);
  const id = section.text("api_key_id");
  if (id === undefined) {
    const where = "an administrator makes one under Users, API Keys";
    section.missing("api_key_id", `it goes with api_key_secret; ${where}`);
  }
  return {
    kind: "api-key",
    id: id ?? "",
    secret: section.requiredToken("api_key_secret", "it is shown once, when the API key is made"),
  };
}

function readAccount(section: SectionReader): ResilientCredentials {
  const [email, password] = [section.text("email"), section.secret("password")];
  const both = "an account is email and password; an API key (api_key_id, api_key_secret) is better";
  if (email === undefined) section.missing("email", both);
  if (password === undefined) section.missing("password", both);
  return { kind: "account", email: email ?? "", password: password ?? new Secret("") };
}
