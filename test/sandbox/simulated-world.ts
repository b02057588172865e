import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Soar } from "../support/soar.js";
import {
  startTrustarSimulator,
  type TrustarSimulator,
} from "../support/trustar-simulator/start-trustar-simulator.js";
import { portTaken, type SandboxOptions } from "./options.js";

/** What stands around the product. All of it runs in this process and needs nothing but Node. */
export interface SimulatedWorld {
  readonly trustar: TrustarSimulator;
  readonly soar: Soar;
}

/** @throws SandboxError when the port is taken */
export async function startTrustar({ trustarPort }: SandboxOptions): Promise<TrustarSimulator> {
  try {
    return await startTrustarSimulator({ port: trustarPort, latencyMs: 80 });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE")
      throw portTaken("--trustar-port", trustarPort);
    throw error;
  }
}

/** Where reports go: the first enclave that takes them. */
export function ownEnclave({ enclaves }: TrustarSimulator): { readonly id: string; readonly name: string } {
  const own = enclaves.find(({ create, update }) => create && update);
  if (own === undefined) throw new Error("the simulated TruSTAR has no enclave for reports");
  return own;
}

/** The app.config that a user would write. @returns its path */
export async function writeConfig(
  folder: string,
  { port }: SandboxOptions,
  { trustar, soar }: SimulatedWorld,
): Promise<string> {
  const login = [
    `url = ${trustar.url}`,
    `user_api_key = ${trustar.credentials.key}`,
    `user_api_secret = ${trustar.credentials.secret}`,
  ].join("\n");
  const readable = trustar.enclaves.filter(({ read }) => read).map(({ id }) => id);
  const text = `${await soar.section(folder)}
[webserver]
port = ${port}

[trustar_threat_source]
${login}

[trustar_account_1]
${login}
enclave_ids_for_submission = ${ownEnclave(trustar).id}
enclave_ids_for_query = ${readable.join(",")}
workspace = Default workspace
auto_submission = enable
tag = resilient
`;
  const path = join(folder, "app.config");
  await writeFile(path, text, { mode: 0o600 });
  return path;
}
