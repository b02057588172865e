/** A thousand artifacts with four hundred long links each, at a TruSTAR that does not answer, in little memory. */
import { jest } from "@jest/globals";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort, startProduct, tempFolder, type Product } from "../support/product.js";
import { startTrustarSimulator } from "../support/trustar-simulator/start-trustar-simulator.js";

jest.setTimeout(180_000);

const stateName = "trustar-resilient.state";
const endLine = '{"is":"end"}\n';

interface Hanging extends AsyncDisposable {
  readonly statePath: string;
  start(): Promise<Product>;
}

/** The program with little memory, and a TruSTAR that takes every question and never answers. */
async function openHanging(): Promise<Hanging> {
  const folder = await tempFolder();
  const simulator = await startTrustarSimulator();
  simulator.faults.add({ kind: "hang", endpoint: "/indicators/metadata" });
  const port = await freePort();
  const config = [
    "[webserver]",
    `port = ${port}`,
    "[trustar_threat_source]",
    `url = ${simulator.url}`,
    `user_api_key = ${simulator.credentials.key}`,
    `user_api_secret = ${simulator.credentials.secret}`,
    "",
  ];
  const configPath = await folder.write("app.config", config.join("\n"));
  return {
    statePath: join(folder.path, stateName),
    start: () => startProduct(configPath, port, { NODE_OPTIONS: "--max-old-space-size=384" }),
    async [Symbol.asyncDispose]() {
      await simulator.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function linksOf(name: string, chars: number): readonly string[] {
  return Array.from({ length: 400 }, (_, at) => `http://${name}-${at}.example/${"x".repeat(chars)}`);
}

interface Heard {
  readonly status: number;
  readonly id: string;
}

async function post({ url }: Product, links: readonly string[]): Promise<Heard> {
  const value = { name: "X-Links", value: links.join(" ") };
  const response = await fetch(`${url}/cts/trustar`, {
    method: "POST",
    body: JSON.stringify({ type: "email.header", value }),
  });
  const { id } = (await response.json()) as { id: string };
  return { status: response.status, id };
}

async function statusOf({ url }: Product, path: string): Promise<number> {
  const response = await fetch(`${url}${path}`);
  await response.arrayBuffer();
  return response.status;
}

async function poll(product: Product, ids: readonly string[]): Promise<ReadonlySet<number>> {
  const heard = new Set<number>();
  for (const id of ids) heard.add(await statusOf(product, `/cts/trustar/${id}`));
  return heard;
}

test("a thousand large look-ups: it stays up and says what it has no room for, after kill -9 too, and stops in order", async () => {
  await using hanging = await openHanging();
  const promised: string[] = [];
  {
    await using product = await hanging.start();
    const heard = new Map<number, number>();
    const numbers = Array.from({ length: 1_000 }, (_, at) => at).values();
    const thread = async (): Promise<void> => {
      for (const at of numbers) {
        const { status, id } = await post(product, linksOf(`h${at}`, 400));
        heard.set(status, (heard.get(status) ?? 0) + 1);
        if (status === 303) promised.push(id);
      }
    };
    await Promise.all(Array.from({ length: 8 }, thread));
    expect([...heard.keys()].sort()).toEqual([303, 503]);
    // 64 MB, of which each takes more than one.
    expect(promised.length).toBeGreaterThan(30);
    expect(promised.length).toBeLessThan(64);
    expect(await poll(product, promised)).toEqual(new Set([303]));
    expect(await statusOf(product, "/health")).toBe(200);
    await product.kill();
  }
  await using product = await hanging.start();
  expect(await poll(product, promised)).toEqual(new Set([303]));
  expect(await poll(product, ["00000000-0000-5000-8000-000000000000"])).toEqual(new Set([503]));
  expect((await post(product, ["http://late.example/"])).status).toBe(303);
  expect(await product.terminate()).toBe(0);
  const state = await readFile(hanging.statePath, "utf8");
  expect(state.endsWith(`\n${endLine}`)).toBe(true);
  await using again = await hanging.start();
  expect(again.output()).not.toContain("state file was not closed in order");
  expect(await poll(again, promised)).toEqual(new Set([303]));
});

test("a state file with more than there is room for is taken up from its newest end, and no id of it reads clean", async () => {
  await using hanging = await openHanging();
  const first = await hanging.start();
  expect(await first.terminate()).toBe(0);
  const [header = ""] = (await readFile(hanging.statePath, "utf8")).split("\n");
  const ids = Array.from({ length: 150 }, (_, at) => `id-${at}`);
  {
    await using file = await open(hanging.statePath, "w");
    await file.writeFile(`${header}\n`);
    for (const id of ids) {
      const of = linksOf(id, 2_500).map((value) => ({ kind: "URL", value }));
      await file.appendFile(`${JSON.stringify({ is: "asked", of, atMs: Date.now(), polls: 0, id })}\n`);
    }
  }
  await using product = await hanging.start();
  expect(await poll(product, ids.slice(0, 100))).toEqual(new Set([503]));
  expect(await poll(product, ids.slice(-25))).toEqual(new Set([303]));
  expect(await product.terminate()).toBe(0);
});
