import { generated, type WireArtifact } from "../artifacts.js";
import { closedLoop, during, latencyOf, type LoadResult } from "../closed-loop.js";
import type { Measure, Target } from "../measure.js";
import { getRequest, multipartRequest, postRequest, servicePath } from "../requests.js";
import { repeat, type Row, type RowOptions } from "../row.js";
import {
  openBaseline,
  openService,
  openSimulator,
  type Baseline,
  type Service,
  type Simulator,
} from "../scene.js";

const bareExpress = "bare Express 5";
const bareHttp = "bare node:http";
const product = "trustar-resilient";
/** Servers run for weeks: their code is compiled. */
const warmUpRequests = 10_000;
/** However quick the machine, none of its questions is refused. */
const settings = ["max_pending = 200000"];
const known: WireArtifact = { type: "net.ip", value: "203.0.113.7" };

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
    await using http = await openBaseline("bare-http", finishedBody());
    await using express = await openBaseline("bare-express", finishedBody());
    const measures: Measure[] = [];
    for (const question of questions) {
      await using service = await openService(simulator, { settings });
      measures.push(...(await compare(question, options, { http, express, service })));
    }
    return [...measures, ...(await alsoMultipart(options, simulator))];
  },
};

/** The same service with its log at level info in a file. */
export const logging: Row = {
  name: "logging",
  measure: async ({ runs, seconds, quick }) => {
    const measures: Measure[] = [];
    if (quick) return measures;
    await using simulator = await openSimulator({});
    await using toPipe = await openService(simulator, { settings });
    await using toFile = await openService(simulator, { settings, logsToFile: true });
    for (const question of questions.filter(({ name }) => !/known|64/.test(name))) {
      const ask = {
        toPipe: await askerOfService(toPipe, question),
        toFile: await askerOfService(toFile, question),
      };
      const pairs = await repeat(runs, async () => ({
        toPipe: await ask.toPipe(seconds),
        toFile: await ask.toFile(seconds),
      }));
      const row = `${question.name}, log at info`;
      measures.push(
        { row, what: "to a pipe", unit: "/s", runs: pairs.map((pair) => rate(pair.toPipe)) },
        {
          row,
          what: "to a file",
          unit: "/s",
          runs: pairs.map((pair) => rate(pair.toFile)),
          ratioTo: "to a pipe",
        },
      );
    }
    return measures;
  },
};

interface Servers {
  readonly http: Baseline;
  readonly express: Baseline;
  readonly service: Service;
}

async function compare(
  question: Question,
  { runs, seconds }: RowOptions,
  { http, express, service }: Servers,
): Promise<readonly Measure[]> {
  const { connections, toBaseline } = question;
  const numbers = { next: 0 };
  const ask = {
    http: await askerOf(http.port, connections, () => toBaseline(numbers.next++)),
    express: await askerOf(express.port, connections, () => toBaseline(numbers.next++)),
    ours: await askerOfService(service, question),
  };
  // In turns: what else runs on the machine meets all of them.
  const results = await repeat(runs, async () => ({
    http: await ask.http(seconds),
    express: await ask.express(seconds),
    ours: await ask.ours(seconds),
  }));
  const ours = results.map((result) => result.ours);
  const row = question.name;
  return [
    { row, what: bareHttp, unit: "/s", runs: results.map((result) => rate(result.http)) },
    { row, what: bareExpress, unit: "/s", runs: results.map((result) => rate(result.express)) },
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
      runs: ours.map((result) => latencyOf(result.latenciesMs, share)),
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
  await using service = await openService(simulator, { settings });
  const ask = await askerOfService(service, { connections: 16, toProduct });
  const results = await repeat(runs, () => ask(seconds));
  return [{ row, what: product, unit: "/s", runs: results.map(rate) }];
}

type Asker = (seconds: number) => Promise<LoadResult>;

/** Warms a server up with these requests. @returns what asks it for so many seconds */
async function askerOf(port: number, connections: number, request: () => string): Promise<Asker> {
  let left = warmUpRequests;
  await closedLoop({ port, connections, next: () => (left-- > 0 ? request() : undefined) });
  return (seconds) => closedLoop({ port, connections, next: during(seconds, request) });
}

/** No two of its new artifacts are alike. */
async function askerOfService(
  service: Service,
  { connections, toProduct }: Pick<Question, "connections" | "toProduct">,
): Promise<Asker> {
  const id = await idOfKnown(service);
  const numbers = { next: 0 };
  return await askerOf(service.port, connections, () => toProduct(numbers.next++, id));
}

async function idOfKnown({ port }: Service): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}${servicePath}`, {
    method: "POST",
    body: JSON.stringify(known),
  });
  const { id } = (await answer.json()) as { id: string };
  return id;
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
