import { isIPv4 } from "node:net";

/** Whether only this machine can reach it: `localhost`, 127.0.0.0/8, ::1. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  const v4 = name.replace(/^::ffff:/, "");
  return isIPv4(v4) ? v4.startsWith("127.") : /^(?:0*:){7}0*1$|^::1$/.test(name);
}
