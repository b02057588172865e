import type { Log } from "../core/ports.js";

/** What has been opened, closed once in reverse order; a failure to close one thing does not keep the others open. */
export class Releasers {
  readonly #log: Log;
  readonly #stack: { readonly name: string; readonly release: () => void | Promise<void> }[] = [];
  #closing: Promise<void> | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  add(name: string, release: () => void | Promise<void>): void {
    this.#stack.push({ name, release });
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#closeAll());
  }

  async #closeAll(): Promise<void> {
    for (let step = this.#stack.pop(); step !== undefined; step = this.#stack.pop()) {
      try {
        await step.release();
      } catch (error) {
        this.#log.error({ err: error, part: step.name }, "a part did not close cleanly");
      }
    }
  }
}
