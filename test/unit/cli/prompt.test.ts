import { PassThrough } from "node:stream";
import { finished } from "node:stream/promises";
import { createPrompt, StoppedError } from "../../../src/cli/prompt.js";

/** What a terminal is to Node: a stream that can be put into raw mode. */
class Terminal extends PassThrough {
  readonly isTTY = true;
  raw = false;
  shown = "";

  setRawMode(raw: boolean): this {
    this.raw = raw;
    return this;
  }

  /** Types once a question is shown that has not been answered yet. */
  async answer(question: string, keys: string): Promise<void> {
    while (!this.shown.includes(question)) await new Promise(setImmediate);
    this.shown = this.shown.replace(question, "[asked]");
    this.write(keys);
  }
}

function start(signal: AbortSignal = new AbortController().signal) {
  const terminal = new Terminal();
  const write = (text: string): void => {
    terminal.shown += text;
  };
  return { terminal, prompt: createPrompt({ input: terminal, write, signal }) };
}

it("shows nothing of a secret, neither while it is typed nor when it is asked for again", async () => {
  const { terminal, prompt } = start();
  const first = prompt.askHidden("Secret: ");
  await terminal.answer("Secret: ", "hun");
  expect(terminal.raw).toBe(true);
  terminal.write("tex\u007fr2\r");
  expect(await first).toBe("hunter2");
  const second = prompt.askHidden("Again: ");
  await terminal.answer("Again: ", "\u001b[A\r");
  expect(await second).toBe("");
  expect(terminal.shown).toBe("[asked]\n[asked]\n");
  prompt[Symbol.dispose]();
  expect(terminal.raw).toBe(false);
});

it("shows the answer to an open question", async () => {
  const { terminal, prompt } = start();
  const answer = prompt.ask("Replace? ");
  await terminal.answer("Replace? ", "yes\r");
  expect(await answer).toBe("yes");
  expect(terminal.shown).toContain("yes");
  prompt[Symbol.dispose]();
});

it("takes two answers that are pasted at once", async () => {
  const { terminal, prompt } = start();
  const first = prompt.askHidden("A: ");
  await terminal.answer("A: ", "one\rtwo\r");
  expect(await first).toBe("one");
  expect(await prompt.askHidden("B: ")).toBe("two");
  expect(terminal.shown).not.toMatch(/one|two/);
  prompt[Symbol.dispose]();
});

it.each([
  ["Ctrl-C", "abc\u0003"],
  ["Ctrl-D", "\u0004"],
])("%s stops, and gives the terminal back", async (_name, keys) => {
  const { terminal, prompt } = start();
  const answer = prompt.askHidden("Secret: ");
  const stopped = expect(answer).rejects.toThrow(StoppedError);
  await terminal.answer("Secret: ", keys);
  await stopped;
  expect(terminal.raw).toBe(false);
  expect(terminal.shown).toBe("[asked]\n");
});

it("being told to stop ends a question", async () => {
  const stop = new AbortController();
  const { terminal, prompt } = start(stop.signal);
  const stopped = expect(prompt.askHidden("Secret: ")).rejects.toThrow(StoppedError);
  stop.abort();
  await stopped;
  expect(terminal.raw).toBe(false);
  const { prompt: late } = start(stop.signal);
  await expect(late.ask("Replace? ")).rejects.toThrow(StoppedError);
});

it("leaves a terminal alone that is not asked", () => {
  const { terminal, prompt } = start();
  prompt[Symbol.dispose]();
  expect(terminal.shown).toBe("");
  expect(terminal.listenerCount("keypress")).toBe(0);
});

describe("a pipe", () => {
  const piped = (signal = new AbortController().signal) => {
    const input = new PassThrough();
    return { input, prompt: createPrompt({ input, write: () => undefined, signal }) };
  };

  it("is nobody to ask, and is read to its end", async () => {
    const { input, prompt } = piped();
    expect(prompt.interactive).toBe(false);
    const all = prompt.readAll();
    input.write("a\n");
    input.end("b\n");
    expect(await all).toBe("a\nb\n");
  });

  it("may bring several answers at once, and its end is no answer", async () => {
    const { input, prompt } = piped();
    const first = prompt.ask("Replace A? ");
    input.end("no\nyes\n");
    expect(await first).toBe("no");
    await finished(input);
    expect(await prompt.ask("Replace B? ")).toBe("yes");
    await expect(prompt.ask("Replace C? ")).rejects.toThrow(StoppedError);
    await expect(prompt.askHidden("Secret: ")).rejects.toThrow(StoppedError);
  });

  it("may not bring anything endless", async () => {
    const { input, prompt } = piped();
    const all = expect(prompt.readAll()).rejects.toThrow("more than 64 KiB");
    input.write(Buffer.alloc(70_000));
    await all;
  });

  it("is left when told to stop", async () => {
    const stop = new AbortController();
    const { prompt } = piped(stop.signal);
    const all = expect(prompt.readAll()).rejects.toThrow(StoppedError);
    stop.abort();
    await all;
  });
});
