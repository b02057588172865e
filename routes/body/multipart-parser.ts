import { InvalidArtifactError } from "../../src/core/errors.js";

/** As much as Node reads of a request's own headers. */
const MAX_HEADER_BYTES = 16 * 1024;

/** Header names are in lower case; of several headers of one name the first counts. */
export type PartHeaders = ReadonlyMap<string, string>;

/** Takes the bytes of one part as they come. */
export interface PartReader {
  take(bytes: Buffer): void;
  end(): void;
}

/**
 * Splits a multipart body into its parts (RFC 2046), as raw bytes. Of what has come it keeps no more than the headers
 * of one part, or a few bytes that may begin a boundary.
 */
export class MultipartParser {
  readonly #delimiter: Buffer;
  readonly #openPart: (headers: PartHeaders) => PartReader;
  #state: "content" | "headers" | "epilogue" = "content";
  /** The part whose content is being read; none in the preamble. */
  #part: PartReader | undefined;
  /** Not read yet. It begins with a line end, as the first boundary may have none before it. */
  #rest: Buffer = Buffer.from("\r\n");

  constructor(boundary: string, openPart: (headers: PartHeaders) => PartReader) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, "latin1");
    this.#openPart = openPart;
  }

  write(chunk: Buffer): void {
    let searched = this.#rest.length;
    if (this.#state !== "epilogue") this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#readOn(searched)) searched = 0;
  }

  end(): void {
    if (this.#state !== "epilogue") {
      throw new InvalidArtifactError("body: multipart ends without its closing boundary");
    }
  }

  /** False when nothing is left to read, or it takes more bytes to go on. */
  #readOn(searched: number): boolean {
    switch (this.#state) {
      case "content":
        return this.#readContent();
      case "headers":
        return this.#readHeaders(searched);
      case "epilogue":
        return false;
    }
  }

  #readContent(): boolean {
    const at = this.#rest.indexOf(this.#delimiter);
    const end = at === -1 ? this.#rest.length - this.#delimiter.length + 1 : at;
    if (end > 0) {
      this.#part?.take(this.#rest.subarray(0, end));
      this.#rest = this.#rest.subarray(end);
    }
    if (at === -1) return false;
    this.#part?.end();
    this.#part = undefined;
    this.#rest = this.#rest.subarray(this.#delimiter.length);
    this.#state = "headers";
    return true;
  }

  #readHeaders(searched: number): boolean {
    if (this.#rest.toString("latin1", 0, 2) === "--") {
      this.#state = "epilogue";
      return true;
    }
    const at = this.#rest.indexOf("\r\n\r\n", Math.max(0, searched - 3));
    if ((at === -1 ? this.#rest.length : at) > MAX_HEADER_BYTES) throw malformed();
    if (at === -1) return false;
    this.#part = this.#openPart(parseHeaders(this.#rest.toString("latin1", 0, at)));
    this.#rest = this.#rest.subarray(at + 4);
    this.#state = "content";
    return true;
  }
}

/** From the end of the boundary on: its line may go on with blanks (RFC 2046), a header on a line that begins with one. */
function parseHeaders(block: string): PartHeaders {
  const [boundaryEnd, ...lines] = block.replace(/\r\n(?=[ \t])/g, "").split("\r\n");
  if (boundaryEnd?.trim() !== "") throw malformed();
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([^\s:]+):(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw malformed();
    if (!headers.has(name.toLowerCase())) headers.set(name.toLowerCase(), value.trim());
  }
  return headers;
}

function malformed(): InvalidArtifactError {
  return new InvalidArtifactError("body: multipart has a malformed or endless part header");
}
