import type { Readable } from "node:stream";
import type { FileDigests } from "../../src/core/artifact.js";
import { InvalidArtifactError, PayloadTooLargeError } from "../../src/core/errors.js";
import { decodeText } from "./decode-text.js";
import { FileHash } from "./file-hash.js";
import { takeUpTo } from "./take-up-to.js";

export interface PartLimits {
  /** Off: files are read past, whatever their size. */
  readonly uploadFile: boolean;
  readonly maxBodyBytes: number;
  readonly maxUploadBytes: number;
}

export interface ArtifactParts {
  readonly text: string;
  readonly file?: FileDigests | undefined;
}

/** What became of a part; only the parts that count in the end may fail a request. */
type Found<T> = { readonly value: T } | { readonly error: Error };

/** Names of the Custom Threat Service Guide. */
const ARTIFACT = "artifact";
const FILE = "file";

/**
 * Sorts the parts of a body, in whatever order they come: the artifact is part `artifact`, else the first one that
 * isn't a file; the file is part `file`, else the first file. Of a file only the digests are kept.
 */
export class PartCollector {
  readonly #limits: PartLimits;
  #artifact: Found<string> | undefined;
  #firstField: Found<string> | undefined;
  #namedFile: Found<FileDigests> | undefined;
  #firstFile: Found<FileDigests> | undefined;

  constructor(limits: PartLimits) {
    this.#limits = limits;
  }

  result(): ArtifactParts {
    const artifact = this.#artifact ?? this.#firstField;
    if (artifact === undefined) throw new InvalidArtifactError(`${ARTIFACT}: this part is missing`);
    const file = this.#namedFile ?? this.#firstFile;
    return { text: valueOf(artifact), file: file && valueOf(file) };
  }

  onField(name: string | undefined, value: Uint8Array, charset: string, isTruncated: boolean): void {
    const read = (): Found<string> =>
      attempt(() => {
        if (isTruncated) throw this.#artifactTooLarge();
        return decodeText(value, charset, ARTIFACT);
      });
    if (name === ARTIFACT) this.#artifact ??= read();
    else if (name !== FILE) this.#firstField ??= read();
  }

  /** Whatever has a file name or is an octet-stream; some clients send the artifact itself that way. */
  onFile(name: string | undefined, stream: Readable, charset: string): void {
    // The parser reports the same error; unheard, this one would end the process.
    stream.on("error", () => undefined);
    if (name === ARTIFACT) this.#readArtifact(stream, charset);
    else if (this.#limits.uploadFile) this.#hash(name, stream);
    else stream.resume();
  }

  #readArtifact(stream: Readable, charset: string): void {
    const chunks: Buffer[] = [];
    const size = takeUpTo(this.#limits.maxBodyBytes, stream, (chunk) => chunks.push(chunk));
    stream.on("end", () => {
      this.#artifact ??= attempt(() => {
        if (size.isExceeded()) throw this.#artifactTooLarge();
        return decodeText(Buffer.concat(chunks), charset, ARTIFACT);
      });
    });
  }

  #hash(name: string | undefined, stream: Readable): void {
    const { maxUploadBytes } = this.#limits;
    const hash = new FileHash();
    const size = takeUpTo(maxUploadBytes, stream, (chunk) => {
      hash.update(chunk);
    });
    stream.on("end", () => {
      const found = attempt(() => {
        if (size.isExceeded()) throw new PayloadTooLargeError(`${FILE}: more than ${maxUploadBytes} bytes`);
        return hash.digests();
      });
      if (name === FILE) this.#namedFile ??= found;
      else this.#firstFile ??= found;
    });
  }

  #artifactTooLarge(): PayloadTooLargeError {
    return new PayloadTooLargeError(`${ARTIFACT}: more than ${this.#limits.maxBodyBytes} bytes`);
  }
}

function valueOf<T>(found: Found<T>): T {
  if ("error" in found) throw found.error;
  return found.value;
}

function attempt<T>(read: () => T): Found<T> {
  try {
    return { value: read() };
  } catch (error) {
    return { error: error as Error };
  }
}
