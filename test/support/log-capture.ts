import { Writable } from "node:stream";
import { pino, type Level, type Logger } from "pino";

/** One line as pino writes it: `level` is a number, the rest is what was logged. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly level: number; readonly msg?: string };

export interface LogCapture {
  readonly log: Logger;
  /** Every line so far, parsed. */
  lines(): LogLine[];
  /** Everything as it would stand in the log file: for "this must not appear" assertions. */
  text(): string;
}

export function createLogCapture(level: Level = "debug"): LogCapture {
  const written: string[] = [];
  const sink = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      written.push(chunk);
      done();
    },
  });
  return {
    log: pino({ level, base: null }, sink),
    lines: () => written.map((line) => JSON.parse(line) as LogLine),
    text: () => written.join(""),
  };
}
