import type { Readable } from "node:stream";

/** Reads a stream to its end, taking no more than `maxBytes`: the client gets its answer when it has sent it all. */
export function takeUpTo(
  maxBytes: number,
  stream: Readable,
  take: (chunk: Buffer) => void,
): { isExceeded(): boolean } {
  let received = 0;
  stream.on("data", (chunk: Buffer) => {
    received += chunk.length;
    if (received <= maxBytes) take(chunk);
  });
  return { isExceeded: () => received > maxBytes };
}
