import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parseKnownFile } from "./known-file.js";
import { startTrustarSimulator } from "./start-trustar-simulator.js";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    "latency-ms": { type: "string" },
    "rate-limit-per-minute": { type: "string" },
    "daily-quota": { type: "string" },
    "extraction-delay-ms": { type: "string" },
    known: { type: "string", multiple: true, default: [] },
    cert: { type: "string" },
    key: { type: "string" },
  },
});

function whole(name: Exclude<keyof typeof values, "known">): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw new Error(`--${name} must be a whole number, got "${text}"`);
  return Number(text);
}

/** Leaves out what wasn't given, so that the simulator's own defaults hold. */
function given<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Partial<Record<K, V>>);
}

const { cert, key } = values;
const simulator = await startTrustarSimulator({
  ...given("port", whole("port")),
  ...given("latencyMs", whole("latency-ms")),
  ...given("extractionDelayMs", whole("extraction-delay-ms")),
  ...(cert !== undefined && key !== undefined
    ? { tls: { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") } }
    : {}),
  limits: {
    ...given("perMinutePerUser", whole("rate-limit-per-minute")),
    ...given("perDayPerCompany", whole("daily-quota")),
  },
  indicators: values.known.flatMap((file) => parseKnownFile(readFileSync(file, "utf8"))),
});

process.stdout.write(
  [
    `TruSTAR simulator`,
    `  api      ${simulator.apiUrl}`,
    `  auth     ${simulator.authUrl}`,
    `  key      ${simulator.credentials.key}`,
    `  secret   ${simulator.credentials.secret}`,
    ...simulator.enclaves.map(({ id, name, read, create, update }) => {
      const rights = [read && "read", create && "create", update && "update"].filter(Boolean).join(", ");
      return `  enclave  ${id}  ${name} (${rights === "" ? "no access" : rights})`;
    }),
    "",
  ].join("\n"),
);

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void simulator.close());
