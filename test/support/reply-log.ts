/** An answer as it arrived on the reply queue; `complete` is true for text that is no JSON, as the platform takes it. */
export interface PlatformReply {
  readonly correlationId: string | undefined;
  readonly messageType: number;
  readonly message: string;
  readonly complete: boolean;
  readonly results: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** What was answered, over any number of connections: a message that the broker delivers twice is one answer. */
export class ReplyLog {
  readonly #replies = new Map<string, PlatformReply>();
  readonly #waiters = new Set<() => void>();
  #onReply: (reply: PlatformReply) => void = () => undefined;

  /** Told of every answer, once. */
  onReply(handler: (reply: PlatformReply) => void): void {
    this.#onReply = handler;
  }

  add(reply: PlatformReply): void {
    const id = reply.headers["message-id"] ?? `unnamed ${this.#replies.size}`;
    if (this.#replies.has(id)) return;
    this.#replies.set(id, reply);
    this.#onReply(reply);
    for (const heard of [...this.#waiters]) heard();
  }

  /** Everything so far, in the order of arrival. */
  get all(): readonly PlatformReply[] {
    return [...this.#replies.values()];
  }

  get finals(): readonly PlatformReply[] {
    return this.all.filter(({ complete }) => complete);
  }

  /** Waits until the answers so far satisfy `enough`. */
  async until(enough: (replies: readonly PlatformReply[]) => boolean, withinMs = 45_000): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (!enough(this.all)) {
      if (Date.now() >= deadline) throw new Error(`Still waiting; ${this.#replies.size} replies came`);
      await new Promise<void>((resolve) => {
        const heard = () => {
          clearTimeout(timer);
          this.#waiters.delete(heard);
          resolve();
        };
        const timer = setTimeout(heard, deadline - Date.now());
        this.#waiters.add(heard);
      });
    }
  }
}
