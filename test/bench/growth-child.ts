import { buildEngine, createMemorySource, until } from "../support/lookup-fixtures.js";
import { generated } from "./artifacts.js";

/**
 * The look-up engine alone, on an upstream that takes 20 ms a call and has no limit: 50,000 artifacts would take nine
 * minutes at 60 calls a minute. Prints what `count` distinct artifacts cost. Needs --expose-gc.
 */
const count = Number(process.argv[2]);
const threads = 32;
const callMs = 20;

const memory = createMemorySource();
const source = {
  ...memory,
  metadata: async (values: readonly string[], signal: AbortSignal) => {
    await new Promise((resolve) => setTimeout(resolve, callMs));
    return memory.metadata(values, signal);
  },
};
for (let at = 7; at < count; at += 20) memory.know(generated(at).value, 3);
const heapMb = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1024 / 1024;
};
const artifacts = Array.from({ length: count }, (_, at) => generated(at)).values();
const { engine, records } = buildEngine({
  source,
  batchWindowMs: 10,
  answerWithinMs: 1_000,
  cacheSize: 100_000,
  maxRunning: 100_000,
});
const before = heapMb();
const thread = async (): Promise<void> => {
  for (const artifact of artifacts) {
    await engine.submit({ sourceText: JSON.stringify(artifact), artifact });
    // As over a socket, the next one comes in a turn of its own.
    await new Promise((resolve) => setImmediate(resolve));
  }
};
await Promise.all(Array.from({ length: threads }, thread));
await until(() => engine.running === 0, "the end of all look-ups");
records.length = 0;
const { metadata, summaries } = memory.asked;
const calls = metadata.length + summaries.length;
metadata.length = 0;
process.stdout.write(`calls ${calls} heap ${(heapMb() - before).toFixed(2)}\n`);
