import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Linux hands out ports from 32768 on by itself; below that nobody is given one by chance. */
const FIRST = 12_000;
const PER_WORKER = 5_000;
const WORKERS = 4;

let next = randomInt(PER_WORKER);

/**
 * A port that nobody listens on, and that nobody else will be given before it is used: the kernel doesn't choose there,
 * jest's workers each have a range of their own, and no port is named twice in a row.
 */
export async function freePort(): Promise<number> {
  const worker = Number(process.env["JEST_WORKER_ID"] ?? 0) % WORKERS;
  for (let tries = 0; tries < PER_WORKER; tries += 1) {
    const port = FIRST + worker * PER_WORKER + (next++ % PER_WORKER);
    if (await isFree(port)) return port;
  }
  throw new Error("no port is free");
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port), "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
