import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSoar } from "../support/soar.js";
import { greeting } from "./greeting.js";
import { readOptions, usage, type SandboxOptions } from "./options.js";
import { ProductProcess } from "./product-process.js";
import { SandboxError } from "./sandbox-error.js";
import { startTrustar, writeConfig } from "./simulated-world.js";
import { openIncident } from "./story.js";
import { tellStory } from "./tell-story.js";

const say = (text: string): void => {
  process.stdout.write(text);
};

/** Runs until the signal aborts. @throws SandboxError when something ends before that */
async function play(options: SandboxOptions, folder: string, signal: AbortSignal): Promise<void> {
  await using trustar = await startTrustar(options);
  await using soar = await startSoar();
  const world = { trustar, soar };
  await using product = new ProductProcess(await writeConfig(folder, options, world), options);
  const untilStopped = aborted(signal);
  const death = product.death();
  const unlessOver = <T>(work: Promise<T>): Promise<T | undefined> =>
    Promise.race([work, untilStopped, death]);

  await unlessOver(product.ready(signal));
  const story = await unlessOver(openIncident(world));
  if (story !== undefined) say(`\n${tellStory(story, world)}`);
  if (!signal.aborted) say(greeting(options, world, product.pid));
  await unlessOver(untilStopped);
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    const stop = (): void => {
      resolve(undefined);
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    say(usage);
    return;
  }
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => {
      stop.abort();
    });
  }
  const folder = await mkdtemp(join(tmpdir(), "trustar-sandbox-"));
  try {
    await play(options, folder, stop.signal);
    say("\nThe sandbox is stopped.\n");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await main().catch((error: unknown) => {
  if (!(error instanceof SandboxError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
// All is closed by now; only a story that was broken off may still be waiting for an answer.
process.exit();
