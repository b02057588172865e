import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** Asks the person at the terminal. @returns undefined when nobody answers: no input, or Ctrl-C */
export type Ask = (question: string, signal: AbortSignal) => Promise<string | undefined>;

export interface Questions {
  readonly ask: Ask;
  close(): void;
}

/** Reads answers line by line; the input is not touched before the first question. */
export function openQuestions(input: Readable, output: Writable): Questions {
  let reader: Interface | undefined;
  let lines: AsyncIterator<string> | undefined;
  return {
    ask: async (question, signal) => {
      output.write(question);
      reader ??= createInterface({ input, terminal: false });
      // One iterator for all: lines that are piped in arrive before they are asked for.
      lines ??= reader[Symbol.asyncIterator]();
      const stop = (): void => reader?.close();
      signal.addEventListener("abort", stop, { once: true });
      const answer = await lines.next();
      signal.removeEventListener("abort", stop);
      if (answer.done === true) output.write("\n");
      return answer.done === true ? undefined : answer.value;
    },
    close: () => {
      reader?.close();
    },
  };
}

/** Only a plain yes is one. */
export async function confirm(ask: Ask, question: string, signal: AbortSignal): Promise<boolean> {
  const answer = await ask(`${question} [y/N] `, signal);
  return /^\s*y(es)?\s*$/i.test(answer ?? "");
}
