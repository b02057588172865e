import type { PartReader } from "./multipart-parser.js";

/** Reads a part to its end, taking no more than `maxBytes`: the client gets its answer when it has sent it all. */
export function takeUpTo(
  maxBytes: number,
  take: (bytes: Buffer) => void,
  onEnd: (isExceeded: boolean) => void,
): PartReader {
  let received = 0;
  return {
    take: (bytes) => {
      received += bytes.length;
      if (received <= maxBytes) take(bytes);
    },
    end: () => {
      onEnd(received > maxBytes);
    },
  };
}
