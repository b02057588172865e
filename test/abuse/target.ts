import { freePort, startProduct, tempFolder, type Product } from "../support/product.js";
import {
  startTrustarSimulator,
  type TrustarSimulator,
} from "../support/trustar-simulator/start-trustar-simulator.js";

export const known = { type: "net.ip", value: "203.0.113.7" };

/** The built program as it is installed, with what an attacker can reach of it. */
export interface Target extends AsyncDisposable {
  readonly product: Product;
  readonly simulator: TrustarSimulator;
  readonly port: number;
  /** Posts an artifact that is known to be bad. @returns the status and the number of its hits */
  ask(): Promise<{ readonly status: number; readonly hits: number }>;
  /** One of its own numbers, as Prometheus would read it. */
  metric(name: string): Promise<number>;
}

export interface TargetOptions {
  readonly webserver?: readonly string[];
  readonly service?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export async function startTarget({
  webserver = [],
  service = [],
  env = {},
}: TargetOptions = {}): Promise<Target> {
  const folder = await tempFolder();
  const simulator = await startTrustarSimulator();
  const port = await freePort();
  const config = [
    "[webserver]",
    `port = ${port}`,
    ...webserver,
    "[custom_threat_service]",
    "answer_within_ms = 10000",
    ...service,
    "[trustar_threat_source]",
    `url = ${simulator.url}`,
    `user_api_key = ${simulator.credentials.key}`,
    `user_api_secret = ${simulator.credentials.secret}`,
    "",
  ];
  const product = await startProduct(await folder.write("app.config", config.join("\n")), port, env);
  return {
    product,
    simulator,
    port,
    async ask() {
      const response = await fetch(`${product.url}/cts/trustar`, {
        method: "POST",
        body: JSON.stringify(known),
      });
      const { hits } = (await response.json()) as { hits: readonly unknown[] };
      return { status: response.status, hits: hits.length };
    },
    async metric(name) {
      const text = await (await fetch(`${product.url}/metrics`)).text();
      return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
    },
    async [Symbol.asyncDispose]() {
      await product[Symbol.asyncDispose]();
      await simulator.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}
