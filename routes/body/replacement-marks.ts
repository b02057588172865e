const MARK = "\uFFFD";
const markBytes = Buffer.from(MARK);

/**
 * Tells a U+FFFD that was sent from one that a lenient decoder put in place of bytes that aren't UTF-8: the second
 * kind has no counterpart on the wire. Marks elsewhere in the stream make it more forgiving, never stricter.
 */
export class ReplacementMarks {
  #seen = 0;
  #tail: Buffer = Buffer.alloc(0);

  /** Must get every chunk before the decoder does. */
  feed(chunk: Buffer): void {
    const bytes = Buffer.concat([this.#tail, chunk]);
    for (let at = bytes.indexOf(markBytes); at !== -1; at = bytes.indexOf(markBytes, at + markBytes.length)) {
      this.#seen += 1;
    }
    // A mark may be cut in two; a tail of two bytes can't hold a whole one and so never counts twice.
    this.#tail = bytes.subarray(Math.max(0, bytes.length - (markBytes.length - 1)));
  }

  /** Whether the decoder invented some of the marks in this text. */
  invented(text: string): boolean {
    return text.split(MARK).length - 1 > this.#seen;
  }
}
