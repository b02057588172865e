import { closeSync, openSync, readSync } from "node:fs";

/** Far more than a secret has, far less than what would hurt. */
const maxBytes = 64 * 1024;

/**
 * The text of a small file, of a pipe as well; at most 64 KiB.
 * @throws what the system says, or an Error when there is more or it isn't UTF-8
 */
export function readBoundedText(path: string): string {
  const descriptor = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(maxBytes + 1);
    let length = 0;
    for (;;) {
      const read = readSync(descriptor, bytes, length, bytes.length - length, null);
      length += read;
      if (length > maxBytes) throw new Error("it has more than 64 KiB");
      if (read === 0) return decodeUtf8(bytes.subarray(0, length));
    }
  } finally {
    closeSync(descriptor);
  }
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new Error("it isn't UTF-8 text", { cause: error });
  }
}

/** Editors and `echo` end a file with a line end that is no part of the secret in it. */
export function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, "");
}
