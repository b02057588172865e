import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runDaemon, type InstalledProxy, type InstalledProxyOptions } from "./installed-proxy.js";

const nssWrapper = "libnss_wrapper.so";

/** Debian's tinyproxy; it asks the system for names, so `libnss-wrapper` gives it a hosts file of its own. */
export async function startTinyproxy(
  folder: string,
  port: number,
  { login, hosts }: InstalledProxyOptions,
): Promise<InstalledProxy> {
  const log = join(folder, "tinyproxy.log");
  const [hostsFile, configFile] = [join(folder, "hosts"), join(folder, "tinyproxy.conf")];
  await writeFile(hostsFile, hosts.map((host) => `127.0.0.1 ${host}\n`).join(""));
  const lines = [
    `Port ${port}`,
    "Listen 127.0.0.1",
    `LogFile "${log}"`,
    "LogLevel Connect",
    "Timeout 60",
    "MaxClients 50",
    ...(login === undefined ? [] : [`BasicAuth ${login.replace(":", " ")}`]),
  ];
  await writeFile(configFile, `${lines.join("\n")}\n`);
  const env = { LD_PRELOAD: nssWrapper, NSS_WRAPPER_HOSTS: hostsFile };
  const daemon = await runDaemon("tinyproxy", ["-d", "-c", configFile], port, env);
  return {
    ...daemon,
    targets: async () => {
      const text = await readFile(log, "utf8");
      return [...text.matchAll(/Request \(file descriptor \d+\): CONNECT (\S+)/g)].map(([, one = ""]) => one);
    },
  };
}
