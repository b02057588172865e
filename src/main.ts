#!/usr/bin/env node
import { fstatSync, readFileSync } from "node:fs";
import { setDefaultAutoSelectFamilyAttemptTimeout } from "node:net";
import { homedir } from "node:os";
import { destination } from "pino";
import { isJournal, withJournalLevels } from "./app/journal-levels.js";
import { mainCommand } from "./cli/main-command.js";
import { unforeseen } from "./cli/unforeseen.js";
import { SECOND_MS } from "./core/time.js";

// The last resort for what nothing else catches. A program that can't even tell of it ends.
let tell = (error: unknown): void => {
  process.stderr.write(unforeseen(process.argv.slice(2), error, process.env));
  process.exit(1);
};
for (const event of ["uncaughtException", "unhandledRejection"] as const)
  process.on(event, (error: unknown) => {
    try {
      tell(error);
    } catch {
      process.exit(1);
    }
  });

// How long each address of a name has to answer before the next is tried. Node's quarter of a second is too short for
// many ways, and the last address may be dead.
setDefaultAutoSelectFamilyAttemptTimeout(3 * SECOND_MS);

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  let came = false;
  // Not `once`, which is gone before the other listeners are called: one of a library's could end the process when it finds
  // nobody else there.
  process.on(name, () => {
    if (came) {
      // Whoever asks twice will not wait.
      process.removeAllListeners(name);
      process.kill(process.pid, name);
    }
    came = true;
    stop.abort(new Error(name));
  });
}
// Last resort only: a clean stop empties the event loop and Node exits by itself.
stop.signal.addEventListener("abort", () => setTimeout(() => process.exit(1), 9.5 * SECOND_MS).unref());

// Whoever read what we say has gone (`| head -1`): end as other programs do then, by the number of SIGPIPE. What can't
// be written to the error stream is lost, and no reason for a service to end.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(128 + 13);
});
process.stderr.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

const ofPackage = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8"); // from dist/src
const { version } = JSON.parse(ofPackage("package.json")) as { version: string };

/** A container may run as a user that its machine has no entry of: "/", as container engines say then. */
function homeFolder(): string {
  try {
    return homedir();
  } catch {
    return "/";
  }
}

const stdout = destination({ dest: 1, sync: true });
const { JOURNAL_STREAM } = process.env;
const isLogOfJournal = JOURNAL_STREAM !== undefined && isJournal(JOURNAL_STREAM, fstatSync(1));

process.exitCode = await mainCommand({
  args: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  home: homeFolder(),
  version,
  template: () => ofPackage("app.config.example"),
  input: process.stdin,
  output: {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  },
  logTo: {
    stdout: isLogOfJournal ? withJournalLevels(stdout) : stdout,
    stderr: destination({ dest: 2, sync: true }),
  },
  signal: stop.signal,
  onUncaught: (other) => {
    tell = other;
  },
});
