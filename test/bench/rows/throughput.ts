import { generated, type WireArtifact } from "../artifacts.js";
import { closedLoop, during, type LoadResult } from "../closed-loop.js";
import type { Measure, Target } from "../measure.js";
import { printed, spawnScript } from "../processes.js";
import { getRequest, multipartRequest, postRequest, servicePath } from "../requests.js";
import { repeat, type Row, type RowOptions } from "../row.js";
import { openService, openSimulator, type Service, type ServiceOptions, type Simulator } from "../scene.js";

const bareExpress = "bare Express 5";
const bareHttp = "bare node:http";
const product = "trustar-resilient";
const known: WireArtifact = { type: "net.ip", value: "203.0.113.7" };
/** A service runs for weeks: its code is compiled. */
const warmUpSeconds = 1;

interface Question {
  readonly name: string;
  readonly connections: number;
  /** One request of this kind to a bare server. */
  readonly toBaseline: (at: number) => string;
  readonly toProduct: (at: number, finishedId: string) => string;
  readonly target?: Target;
}

const questions: readonly Question[] = [
  {
    name: "GET finished, 16 connections",
    connections: 16,
    toBaseline: () => getRequest(`${servicePath}/be83617d-e0d7-5e39-bca2-7248e347cff1`),
    toProduct: (_at, id) => getRequest(`${servicePath}/${id}`),
    target: { of: "ratio", atLeast: 0.9 },
  },
  {
    name: "POST known, 16 connections",
    connections: 16,
    toBaseline: () => postRequest(known, "/cts/known"),
    toProduct: () => postRequest(known),
  },
  ...[16, 64].map((connections): Question => ({
    name: `POST new, ${connections} connections`,
    connections,
    toBaseline: (at) => postRequest(generated(at)),
    toProduct: (at) => postRequest(generated(at)),
    target: { of: "ratio", atLeast: 0.6 },
  })),
];

/** Answers a second of single servers, each a process of its own, one after the other. */
export const throughput: Row = {
  name: "throughput",
  measure: async (options) => {
    await using simulator = await openSimulator({});
    const measures: Measure[] = [];
    for (const question of questions) measures.push(...(await compare(question, options, simulator)));
    return [...measures, ...(await alsoMultipart(options, simulator))];
  },
};

/** The same service with its log at level info in a file. */
export const logging: Row = {
  name: "logging",
  measure: async ({ runs, seconds, quick }) => {
    await using simulator = await openSimulator({});
    const measures: Measure[] = [];
    if (quick) return measures;
    for (const question of questions.filter(({ name }) => !/known|64/.test(name))) {
      const pairs = await repeat(runs - 1, async () => ({
        toUs: await askProduct(question, seconds, simulator, {}),
        toFile: await askProduct(question, seconds, simulator, { logsToFile: true }),
      }));
      const row = `${question.name}, log at info`;
      measures.push(
        { row, what: "to a pipe", unit: "/s", runs: pairs.map(({ toUs }) => rate(toUs)) },
        {
          row,
          what: "to a file",
          unit: "/s",
          runs: pairs.map(({ toFile }) => rate(toFile)),
          ratioTo: "to a pipe",
        },
      );
    }
    return measures;
  },
};

async function compare(
  question: Question,
  { runs, seconds }: RowOptions,
  simulator: Simulator,
): Promise<readonly Measure[]> {
  await using http = await openBaseline("bare-http");
  await using express = await openBaseline("bare-express");
  await using service = await openService(simulator);
  const id = await idOfKnown(service);
  const numbers = { next: 0 };
  const ask = (port: number, request: (at: number) => string): Promise<LoadResult> =>
    load(port, question, seconds, request, numbers);
  // In turns: what else runs on the machine meets all three. The first turn only warms them up.
  const [, ...results] = await repeat(runs + 1, async () => ({
    http: await ask(http.port, question.toBaseline),
    express: await ask(express.port, question.toBaseline),
    ours: await ask(service.port, (at) => question.toProduct(at, id)),
  }));
  const ours = results.map((result) => result.ours);
  const row = question.name;
  return [
    { row, what: bareHttp, unit: "/s", runs: results.map(({ http }) => rate(http)) },
    { row, what: bareExpress, unit: "/s", runs: results.map(({ express }) => rate(express)) },
    {
      row,
      what: product,
      unit: "/s",
      runs: ours.map(rate),
      ratioTo: bareExpress,
      ...(question.target === undefined ? {} : { target: question.target }),
    },
    ...[0.5, 0.99].map((share) => ({
      row,
      what: `${product}, p${share * 100}`,
      unit: "ms",
      runs: ours.map((result) => result.latencyMs(share)),
    })),
  ];
}

/** Resilient posts forms; bare Express can't read those, so there is nothing to compare with. */
async function alsoMultipart(
  { runs, seconds }: RowOptions,
  simulator: Simulator,
): Promise<readonly Measure[]> {
  const toProduct = (at: number): string => multipartRequest(generated(at));
  const row = "POST new as multipart/form-data, 16 connections";
  const question: Question = { name: row, connections: 16, toBaseline: toProduct, toProduct };
  const results = await repeat(runs, () => askProduct(question, seconds, simulator, {}));
  return [{ row, what: product, unit: "/s", runs: results.map(rate) }];
}

interface Baseline extends AsyncDisposable {
  readonly port: number;
}

async function openBaseline(name: "bare-http" | "bare-express"): Promise<Baseline> {
  const script = new URL(`../baselines/${name}.ts`, import.meta.url);
  const server = spawnScript(script, [JSON.stringify(finishedBody())]);
  const [port] = await printed(server, /port (\d+)\n/);
  return { port: Number(port), [Symbol.asyncDispose]: () => server.stop() };
}

async function askProduct(
  question: Question,
  seconds: number,
  simulator: Simulator,
  options: ServiceOptions,
): Promise<LoadResult> {
  await using service = await openService(simulator, options);
  const id = await idOfKnown(service);
  const numbers = { next: 0 };
  const request = (at: number): string => question.toProduct(at, id);
  await load(service.port, question, warmUpSeconds, request, numbers);
  return await load(service.port, question, seconds, request, numbers);
}

async function idOfKnown({ port }: Service): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}${servicePath}`, {
    method: "POST",
    body: JSON.stringify(known),
  });
  const { id } = (await answer.json()) as { id: string };
  return id;
}

async function load(
  port: number,
  { connections }: Question,
  seconds: number,
  request: (at: number) => string,
  numbers: { next: number },
): Promise<LoadResult> {
  return closedLoop({ port, connections, next: during(seconds, () => request(numbers.next++)) });
}

function rate({ requests, seconds, byStatus }: LoadResult): number {
  const refused = [...byStatus].filter(([status]) => status >= 400);
  if (refused.length > 0) throw new Error(`refused: ${JSON.stringify(refused)}`);
  return requests / seconds;
}

/** As large as the service's answer about the known address. */
function finishedBody(): object {
  const property = (name: string, value: string): object => ({ type: "string", name, value });
  const link = {
    type: "uri",
    name: "Link to TruSTAR",
    value: `https://station.trustar.co/constellation/reports/${"x".repeat(40)}`,
  };
  const hit = {
    props: [
      property("Priority Level", "HIGH"),
      property("Indicator", known.value),
      property("Indicator Type", "IP"),
      property("First Seen", "2026-11-14 12:00:00 UTC"),
      property("Last Seen", "2026-11-24 11:00:00 UTC"),
      property("Tags", "c2, botnet"),
      link,
    ],
  };
  return { id: "be83617d-e0d7-5e39-bca2-7248e347cff1", hits: [hit, hit, hit, hit] };
}
