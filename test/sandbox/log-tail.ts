const keptChars = 64 * 1024;

/** The end of a program's output: what it said last tells why it ended, and a day in the sandbox must not fill memory. */
export class LogTail {
  #text = "";

  add(text: string): void {
    this.#text += text;
    if (this.#text.length > 2 * keptChars) this.#text = this.text;
  }

  /** Whole lines, as far as there are any. */
  get text(): string {
    if (this.#text.length <= keptChars) return this.#text;
    const tail = this.#text.slice(-keptChars);
    return tail.slice(tail.indexOf("\n") + 1);
  }
}
