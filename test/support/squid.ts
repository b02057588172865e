import { execFileSync } from "node:child_process";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runDaemon, type InstalledProxy, type InstalledProxyOptions } from "./installed-proxy.js";

const helpers = "/usr/lib/squid";

/** Debian's squid-openssl on a configuration of its own; in `folder`, which has to go afterwards. */
export async function startSquid(
  folder: string,
  port: number,
  options: InstalledProxyOptions,
): Promise<InstalledProxy> {
  // Squid gives up root, and its helpers want to read these.
  await chmod(folder, 0o777);
  await writeFile(join(folder, "hosts"), `127.0.0.1 ${options.hosts.join(" ")}\n`);
  const lines = [
    await portLine(folder, port, options),
    ...(await loginLines(folder, options)),
    ...inspectionLines(folder, options),
    `hosts_file ${folder}/hosts`,
    `pid_filename ${folder}/squid.pid`,
    `access_log stdio:${folder}/access.log`,
    `cache_log ${folder}/cache.log`,
    "cache deny all",
    "pinger_enable off",
    "shutdown_lifetime 0 seconds",
    "visible_hostname proxy.test",
  ];
  await writeFile(join(folder, "squid.conf"), `${lines.join("\n")}\n`);
  const daemon = await runDaemon("squid", ["-N", "-f", join(folder, "squid.conf")], port);
  return {
    ...daemon,
    // Written when a tunnel ends.
    targets: async () => {
      const log = await readFile(join(folder, "access.log"), "utf8");
      return [...log.matchAll(/ TCP_TUNNEL\/200 \d+ CONNECT (\S+)| NONE_NONE\/200 \d+ CONNECT (\S+)/g)].map(
        ([, tunnelled, inspected]) => tunnelled ?? inspected ?? "",
      );
    },
  };
}

async function portLine(
  folder: string,
  port: number,
  { certificate, inspector }: InstalledProxyOptions,
): Promise<string> {
  const shown = certificate ?? inspector;
  if (shown === undefined) return `http_port 127.0.0.1:${port}`;
  await writeFile(join(folder, "proxy.pem"), `${shown.cert.trim()}\n${shown.key.trim()}\n`);
  return certificate === undefined
    ? `http_port 127.0.0.1:${port} ssl-bump tls-cert=${folder}/proxy.pem generate-host-certificates=on dynamic_cert_mem_cache_size=4MB`
    : `https_port 127.0.0.1:${port} tls-cert=${folder}/proxy.pem`;
}

async function loginLines(folder: string, { login }: InstalledProxyOptions): Promise<readonly string[]> {
  if (login === undefined) return ["http_access allow all"];
  const [, user = "", password = ""] = /^([^:]*):(.*)$/s.exec(login) ?? [];
  const hash = execFileSync("openssl", ["passwd", "-apr1", "-stdin"], { input: password, encoding: "utf8" });
  await writeFile(join(folder, "users"), `${user}:${hash}`);
  return [
    `auth_param basic program ${helpers}/basic_ncsa_auth ${folder}/users`,
    "auth_param basic realm proxy.test",
    "acl known proxy_auth REQUIRED",
    "http_access allow known",
    "http_access deny all",
  ];
}

/** Opens what goes to the names that are to be inspected, and lets everything else through as it is. */
function inspectionLines(folder: string, { inspector }: InstalledProxyOptions): readonly string[] {
  if (inspector === undefined) return [];
  execFileSync(`${helpers}/security_file_certgen`, ["-c", "-s", `${folder}/made`, "-M", "4MB"]);
  execFileSync("chmod", ["-R", "a+rwX", `${folder}/made`]);
  return [
    `sslcrtd_program ${helpers}/security_file_certgen -s ${folder}/made -M 4MB`,
    "acl hello at_step SslBump1",
    `acl inspected ssl::server_name ${inspector.names.join(" ")}`,
    "ssl_bump peek hello",
    "ssl_bump bump inspected",
    "ssl_bump splice all",
    // The servers' own authorities are known to the tests only.
    "sslproxy_cert_error allow all",
    "sslproxy_cert_sign signTrusted all",
  ];
}
