import type { FileDigests } from "../../src/core/artifact.js";
import { InvalidArtifactError, PayloadTooLargeError } from "../../src/core/errors.js";
import { charsetOf, decodeText } from "./decode-text.js";
import { FileHash } from "./file-hash.js";
import type { PartHeaders, PartReader } from "./multipart-parser.js";
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

const SKIPPED: PartReader = { take: () => undefined, end: () => undefined };

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

  open(headers: PartHeaders): PartReader {
    const disposition = parametersOf(headers.get("content-disposition") ?? "");
    const contentType = headers.get("content-type") ?? "";
    if (disposition === undefined) return SKIPPED;
    const name = disposition.get("name");
    // Some clients send the artifact itself as a file.
    const isFile =
      /^application\/octet-stream\s*(?:;|$)/i.test(contentType) ||
      ["filename", "filename*"].some((key) => disposition.get(key));
    if (name === ARTIFACT) return this.#text(contentType, (found) => (this.#artifact ??= found));
    if (!isFile && name !== FILE) return this.#text(contentType, (found) => (this.#firstField ??= found));
    if (!isFile || !this.#limits.uploadFile) return SKIPPED;
    if (name === FILE) return this.#digests((found) => (this.#namedFile ??= found));
    return this.#digests((found) => (this.#firstFile ??= found));
  }

  #text(contentType: string, onFound: (found: Found<string>) => void): PartReader {
    const { maxBodyBytes } = this.#limits;
    // A byte as a character: a client that sends single bytes would fill the memory with small buffers.
    let latin1 = "";
    return takeUpTo(
      maxBodyBytes,
      (bytes) => (latin1 += bytes.toString("latin1")),
      (isExceeded) => {
        const read = (): string => {
          if (isExceeded) throw new PayloadTooLargeError(`${ARTIFACT}: more than ${maxBodyBytes} bytes`);
          return decodeText(Buffer.from(latin1, "latin1"), charsetOf(contentType), ARTIFACT);
        };
        onFound(attempt(read));
      },
    );
  }

  #digests(onFound: (found: Found<FileDigests>) => void): PartReader {
    const { maxUploadBytes } = this.#limits;
    const hash = new FileHash();
    return takeUpTo(
      maxUploadBytes,
      (bytes) => {
        hash.update(bytes);
      },
      (isExceeded) => {
        const read = (): FileDigests => {
          if (isExceeded) throw new PayloadTooLargeError(`${FILE}: more than ${maxUploadBytes} bytes`);
          return hash.digests();
        };
        onFound(attempt(read));
      },
    );
  }
}

/** The parameters of a Content-Disposition, with their names in lower case; none when it is not a form's, or broken. */
function parametersOf(disposition: string): ReadonlyMap<string, string> | undefined {
  const parameters = new Map<string, string>();
  const pattern = /;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))\s*/y;
  let end = /^form-data\s*/i.exec(disposition)?.[0].length;
  if (end === undefined) return undefined;
  pattern.lastIndex = end;
  for (let found; (found = pattern.exec(disposition)) !== null; end = pattern.lastIndex) {
    const [, name = "", quoted, bare = ""] = found;
    const key = name.toLowerCase();
    if (!parameters.has(key)) parameters.set(key, quoted?.replace(/\\(.)/g, "$1") ?? bare);
  }
  return end === disposition.length ? parameters : undefined;
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
