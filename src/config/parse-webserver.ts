import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { resolve } from "node:path";
import { createSecureContext } from "node:tls";
import { SECOND_MS } from "../core/time.js";
import type { WebserverConfig } from "./app-config.js";
import { reasonOf } from "../core/error-code.js";
import { expandHome } from "./home-path.js";
import { isHost } from "./host-name.js";
import type { SectionReader } from "./section-reader.js";
import { switchWords } from "./switch-words.js";

interface Folders {
  readonly cwd: string;
  readonly home: string;
}

export function parseWebserver(section: SectionReader, folders: Folders): WebserverConfig {
  return {
    host: readHost(section),
    port: section.integer("port", { min: 0, max: 65_535, fallback: 9_000 }),
    ...readTls(section, folders),
    ...readLimits(section),
  };
}

function readLimits(
  section: SectionReader,
): Pick<WebserverConfig, "maxConnections" | "headersTimeoutMs" | "requestTimeoutMs"> {
  const seconds = { min: 1, max: 3_600, unit: "seconds" };
  return {
    maxConnections: section.integer("max_connections", { min: 1, max: 100_000, fallback: 1_000 }),
    headersTimeoutMs: section.integer("headers_timeout_secs", { ...seconds, fallback: 20 }) * SECOND_MS,
    requestTimeoutMs: section.integer("request_timeout_secs", { ...seconds, fallback: 300 }) * SECOND_MS,
  };
}

function readTls(section: SectionReader, folders: Folders): Pick<WebserverConfig, "tls"> {
  const secure = readSecure(section);
  const certificate = certificateKey(section);
  const written = section.text(certificate);
  if (!secure) {
    if (written !== undefined)
      section.warn(certificate, "isn't used, because secure is not 1: requests come in unencrypted");
    return {};
  }
  if (written === undefined) {
    if (!section.isFaulty("cafile"))
      section.missing(
        certificate,
        "with secure = 1 it names a PEM file that holds the private key and the certificate",
      );
    return {};
  }
  const certFile = resolve(folders.cwd, expandHome(written, folders.home));
  checkCertificate(section, certificate, certFile);
  return { tls: { certFile } };
}

function readHost(section: SectionReader): string {
  const text = section.text("server") ?? "localhost";
  const host = text.replace(/^\[(.*)\]$/, "$1");
  if (isIP(host) !== 0 || isHost(host)) return host;
  section.problem(
    "server",
    `must be a host name or address such as localhost or 0.0.0.0, not ${section.shown("server")}`,
  );
  return host;
}

/** rc-webserver looks at the first letter only: what it served by https is served by https here, and nothing else. */
function readSecure(section: SectionReader): boolean {
  const text = section.text("secure") ?? "0";
  const isSecure = /^[1yt]/i.test(text);
  if (switchWordOf(text) !== (isSecure ? "on" : "off")) {
    const [what, asked] = isSecure ? ["https", "1"] : ["http, unencrypted", "0"];
    section.warn(
      "secure",
      `is ${section.shown("secure")}, which means ${what}, as in rc-webserver: only its first letter counts, ` +
        `and 1, y and t are yes; write ${asked}${isSecure ? "" : ", or 1 for https"}`,
    );
  }
  return isSecure;
}

function switchWordOf(text: string): "on" | "off" | undefined {
  const words: Readonly<Record<string, "on" | "off">> = switchWords;
  return words[text.toLowerCase()];
}

/** The guide prints `cafile`, rc-webserver reads `certfile`. */
function certificateKey(section: SectionReader): "certfile" | "cafile" {
  const [certfile, cafile] = [section.text("certfile"), section.text("cafile")];
  if (certfile === undefined && cafile !== undefined) return "cafile";
  if (cafile !== undefined && certfile !== cafile) {
    section.problem("cafile", "names another file than certfile; both mean the same, keep certfile");
  }
  return "certfile";
}

function checkCertificate(section: SectionReader, key: string, path: string): void {
  let pem: string;
  try {
    pem = readFileSync(path, "utf8");
  } catch (error) {
    section.problem(
      key,
      `names ${section.shownPath(key, path)}, which can't be read (${reasonOf(error)}); ` +
        "it must be a PEM file with the private key and the certificate",
    );
    return;
  }
  const lacking = [
    ...(/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem) ? [] : ["private key"]),
    ...(/-----BEGIN [A-Z ]*CERTIFICATE-----/.test(pem) ? [] : ["certificate"]),
  ];
  if (lacking.length > 0) {
    section.problem(
      key,
      `names ${section.shownPath(key, path)}, which contains no ${lacking.join(" and no ")}; put both, PEM encoded, into that one file`,
    );
    return;
  }
  try {
    createSecureContext({ key: pem, cert: pem });
  } catch (error) {
    section.problem(
      key,
      `names ${section.shownPath(key, path)}, whose private key and certificate can't be used together (${reasonOf(error)}); ` +
        "the key must be unencrypted and the certificate's own",
    );
  }
}
