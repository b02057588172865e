import { createHash } from "node:crypto";
import type { FileDigests } from "../../src/core/artifact.js";

/** All digests of a file in one pass over its bytes, none of which is kept. */
export class FileHash {
  readonly #md5 = createHash("md5");
  readonly #sha1 = createHash("sha1");
  readonly #sha256 = createHash("sha256");

  update(chunk: Buffer): void {
    this.#md5.update(chunk);
    this.#sha1.update(chunk);
    this.#sha256.update(chunk);
  }

  digests(): FileDigests {
    return {
      md5: this.#md5.digest("hex"),
      sha1: this.#sha1.digest("hex"),
      sha256: this.#sha256.digest("hex"),
    };
  }
}
