import { setTimeout as sleep } from "node:timers/promises";
import type { Program, Size } from "./arena/program.js";

/** Sockets that may be open at one moment and not at the next: pools that fill under load and are kept alive. */
const spareSockets = 24;
/** Node gives memory back when it likes. */
const spareMb = 80;
const withinMs = 30_000;

/** @returns what the program still holds that it did not hold before, in words; undefined when it has let go */
export async function shrinksBackTo(before: Size, program: Program): Promise<string | undefined> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    const now = await program.size();
    const tooMuch = excess(before, now);
    if (tooMuch === undefined || performance.now() > deadlineMs) return tooMuch;
    await sleep(500);
  }
}

function excess(before: Size, now: Size): string | undefined {
  const shown = `${JSON.stringify(before)} before, ${JSON.stringify(now)} now`;
  if (now.sockets > before.sockets + spareSockets) return `sockets: ${shown}`;
  if (now.files - now.sockets > before.files - before.sockets + 2) return `files: ${shown}`;
  return now.residentMb > before.residentMb + spareMb ? `memory: ${shown}` : undefined;
}
