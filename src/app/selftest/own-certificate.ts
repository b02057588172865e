import { isIP } from "node:net";
import type { ShownCertificate } from "../../../services/probes/tls-probe.js";
import type { WebserverConfig } from "../../config/app-config.js";
import { isLoopbackHost } from "../../config/loopback.js";
import { DAY_MS, systemClock } from "../../core/time.js";
import { failed, ok, warning, type Verdict } from "./link.js";

const soonMs = 14 * DAY_MS;
const renewal = "put a new one into certfile of [webserver]; a running server takes it over by itself";

/** What Resilient will make of the certificate that our own web server shows. */
export function judgeOwnCertificate(shown: ShownCertificate, { host }: WebserverConfig): Verdict {
  const { certificate, subject, issuer, root, isPublic, isSelfSigned, validFromMs, validToMs } = shown;
  const signer = isSelfSigned ? "itself" : issuer === root ? `"${issuer}"` : `"${issuer}" (root: "${root}")`;
  const names = certificate.subjectAltName?.replaceAll("DNS:", "").replaceAll("IP Address:", "") ?? "no name";
  const detail =
    `certificate "${subject}" for ${names}, signed by ${signer}, ` +
    `valid from ${isoDay(validFromMs)} until ${isoDay(validToMs)}`;
  const now = systemClock.now();
  if (validToMs < now) return failed(`${detail}: it has expired, so Resilient hangs up`, renewal);
  if (validFromMs > now) {
    const fix = `set the clock of this machine or of the one that made it, or ${renewal}`;
    return failed(`${detail}: it is not valid yet, so Resilient hangs up`, fix);
  }
  if (!namesOf(host).some((name) => isFor(shown, name))) {
    const fix = `have one made for the name in -resturl and put it into certfile, or correct server in [webserver]`;
    return failed(`${detail}: none of these is "${host}", where the server listens`, fix);
  }
  const trust = isSelfSigned ? "; Resilient has to trust it" : "; Resilient has to trust that authority";
  const whole = isPublic && !isSelfSigned ? detail : `${detail}${trust}`;
  return validToMs - now < soonMs ? warning(whole, `it ends soon: ${renewal}`) : ok(whole);
}

/** Under which names Resilient may ask; none = under any, which only the administrator knows. */
function namesOf(host: string): readonly string[] {
  if (host === "0.0.0.0" || host === "::") return [""];
  return isLoopbackHost(host) ? ["localhost", "127.0.0.1", "::1"] : [host];
}

function isFor({ certificate }: ShownCertificate, name: string): boolean {
  if (name === "") return true;
  return (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
}

function isoDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
