import type { PlatformClient, PlatformMessage } from "./platform-client.js";

/** Puts messages on the broker; closed, it keeps them until it is opened again. */
export class Postbox {
  #client: PlatformClient | undefined;
  #opened: Promise<void> = Promise.resolve();
  #open: () => void = () => undefined;
  readonly #underWay = new Set<Promise<void>>();

  constructor() {
    this.#hold();
  }

  open(client: PlatformClient): void {
    this.#client = client;
    this.#open();
  }

  /** Resolves when nothing is half sent: a message is on the broker or here. */
  async close(): Promise<void> {
    this.#client = undefined;
    this.#hold();
    await Promise.all(this.#underWay);
  }

  async post(message: PlatformMessage): Promise<void> {
    let client = this.#client;
    while (client === undefined) {
      await this.#opened;
      client = this.#client;
    }
    const posted = client.post(message);
    this.#underWay.add(posted);
    await posted.finally(() => this.#underWay.delete(posted));
  }

  #hold(): void {
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }
}
