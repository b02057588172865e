import { createInterface, type Interface } from "node:readline";
import { Writable, type Readable } from "node:stream";
import { TrustarResilientError } from "../core/errors.js";

/** The person at the terminal has had enough: Ctrl-C, Ctrl-D, or the program was told to stop. */
export class StoppedError extends TrustarResilientError {
  readonly code = "stopped";
}

/** The terminal's input; `isTTY` as `process.stdin` has it. */
export type TerminalInput = Readable & { readonly isTTY?: boolean };

/** Asks a person, or reads what a pipe brings. */
export interface Prompt extends Disposable {
  /** Whether there is somebody to ask. */
  readonly interactive: boolean;
  /** @throws StoppedError */
  ask(question: string): Promise<string>;
  /** As `ask`, without showing what is typed. */
  askHidden(question: string): Promise<string>;
  /** Everything until the input ends. @throws StoppedError when that is more than 64 KiB */
  readAll(): Promise<string>;
}

export interface PromptOptions {
  readonly input: TerminalInput;
  readonly write: (text: string) => void;
  readonly signal: AbortSignal;
}

const maxBytes = 64 * 1024;

/** Touches the terminal with the first question; disposing of it gives the terminal back as it was. */
export function createPrompt({ input, write, signal }: PromptOptions): Prompt {
  let dialogue: Dialogue | undefined;
  const next = (question: string, hidden: boolean): Promise<string> => {
    dialogue ??= new Dialogue(input, write, signal);
    return dialogue.ask(question, hidden);
  };
  return {
    interactive: input.isTTY === true,
    ask: (question) => next(question, false),
    askHidden: (question) => next(question, true),
    readAll: () => readAll(input, signal),
    [Symbol.dispose]: () => {
      dialogue?.close();
    },
  };
}

/** One reader for all questions: what is pasted or typed ahead is neither lost nor shown between two of them. */
class Dialogue {
  readonly #readline: Interface;
  readonly #lines: AsyncIterator<string>;
  readonly #write: (text: string) => void;
  readonly #close = (): void => {
    this.close();
  };
  readonly #signal: AbortSignal;
  #hidden = true;
  /** What was read before may still hold answers, but no terminal is left to edit them on. */
  #isClosed = false;

  constructor(input: Readable, write: (text: string) => void, signal: AbortSignal) {
    const echo = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (!this.#hidden) write(chunk.toString());
        done();
      },
    });
    this.#write = write;
    // A terminal in raw mode: readline echoes, and only through `echo`. Without history no arrow brings a secret back.
    this.#readline = createInterface({ input, output: echo, terminal: true, historySize: 0 });
    this.#lines = this.#readline[Symbol.asyncIterator]();
    this.#readline.on("SIGINT", this.#close);
    this.#readline.on("close", () => {
      this.#isClosed = true;
    });
    this.#signal = signal;
    signal.addEventListener("abort", this.#close);
    if (signal.aborted) this.close();
  }

  async ask(question: string, hidden: boolean): Promise<string> {
    this.#hidden = hidden;
    this.#readline.setPrompt(hidden ? "" : question);
    if (hidden || this.#isClosed) this.#write(question);
    else this.#readline.prompt();
    const answer = await this.#lines.next();
    if (hidden || answer.done === true) this.#write("\n");
    this.#hidden = true;
    if (answer.done === true) throw new StoppedError("Stopped.");
    return answer.value;
  }

  close(): void {
    this.#signal.removeEventListener("abort", this.#close);
    this.#readline.close();
  }
}

async function readAll(input: Readable, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  const stop = (): void => {
    input.destroy(new StoppedError("Stopped."));
  };
  signal.addEventListener("abort", stop);
  try {
    for await (const chunk of input as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxBytes)
        throw new StoppedError("Standard input has more than 64 KiB: that is no secret.");
      chunks.push(chunk);
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
  return Buffer.concat(chunks).toString("utf8");
}
