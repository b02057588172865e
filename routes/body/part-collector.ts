import type { Readable } from "node:stream";
import type { FileDigests } from "../../src/core/artifact.js";
import { InvalidArtifactError, PayloadTooLargeError } from "../../src/core/errors.js";
import { decodeText, withoutBom } from "./decode-text.js";
import { FileHash } from "./file-hash.js";
import type { ReplacementMarks } from "./replacement-marks.js";
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
  readonly #marks: ReplacementMarks;
  #artifact: Found<string> | undefined;
  #firstField: Found<string> | undefined;
  #namedFile: Found<FileDigests> | undefined;
  #firstFile: Found<FileDigests> | undefined;

  constructor(limits: PartLimits, marks: ReplacementMarks) {
    this.#limits = limits;
    this.#marks = marks;
  }

  result(): ArtifactParts {
    const artifact = this.#artifact ?? this.#firstField;
    if (artifact === undefined) throw new InvalidArtifactError(`${ARTIFACT}: this part is missing`);
    const file = this.#namedFile ?? this.#firstFile;
    return { text: valueOf(artifact), file: file && valueOf(file) };
  }

  /** @param value undefined when the part names a charset that doesn't exist */
  onField(name: string | undefined, value: string | undefined, isTruncated: boolean): void {
    if (name === ARTIFACT) this.#artifact ??= this.#readField(value, isTruncated);
    else if (name !== FILE) this.#firstField ??= this.#readField(value, isTruncated);
  }

  /** Whatever has a file name or is an octet-stream; some clients send the artifact itself that way. */
  onFile(name: string | undefined, stream: Readable): void {
    // The parser reports the same error; unheard, this one would end the process.
    stream.on("error", () => undefined);
    if (name === ARTIFACT) this.#readArtifact(stream);
    else if (this.#limits.uploadFile) this.#hash(name, stream);
    else stream.resume();
  }

  #readField(value: string | undefined, isTruncated: boolean): Found<string> {
    if (value === undefined) return { error: new InvalidArtifactError(`${ARTIFACT}: unknown charset`) };
    if (isTruncated) return { error: this.#artifactTooLarge() };
    if (this.#marks.invented(value))
      return { error: new InvalidArtifactError(`${ARTIFACT}: not valid UTF-8`) };
    return { value: withoutBom(value) };
  }

  #readArtifact(stream: Readable): void {
    const chunks: Buffer[] = [];
    const size = takeUpTo(this.#limits.maxBodyBytes, stream, (chunk) => chunks.push(chunk));
    stream.on("end", () => {
      this.#artifact ??= attempt(() => {
        if (size.isExceeded()) throw this.#artifactTooLarge();
        return decodeText(Buffer.concat(chunks), "utf-8", ARTIFACT);
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
