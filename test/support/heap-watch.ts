import { setTimeout as sleep } from "node:timers/promises";
import { SECOND_MS } from "../../src/core/time.js";

/** Reads the program's own metrics, as its operators do. */
export class HeapWatch {
  readonly #url: string;
  #leastBytes = Infinity;

  constructor(url: string) {
    this.#url = url;
  }

  /** Until the signal aborts. Who is down, or busy, is asked again. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#leastBytes = Math.min(this.#leastBytes, await this.#used());
      await sleep(SECOND_MS / 2, undefined, { signal }).catch(() => undefined);
    }
  }

  /**
   * The smallest heap since this was last asked, in megabytes: what was left after a collection, so what is really
   * held. The resident size says less: Node gives memory back when it likes.
   */
  takeLeastMb(): number {
    const leastMb = this.#leastBytes / 1_024 / 1_024;
    this.#leastBytes = Infinity;
    return leastMb;
  }

  async #used(): Promise<number> {
    const answer = await fetch(`${this.#url}/metrics`).catch(() => undefined);
    const text = (await answer?.text().catch(() => undefined)) ?? "";
    const [, bytes] = /^nodejs_heap_size_used_bytes (\S+)$/m.exec(text) ?? [];
    return bytes === undefined ? Infinity : Number(bytes);
  }
}
