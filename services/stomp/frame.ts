/** Headers in the order they are sent; what is undefined is left out. */
export type FrameHeaders = Readonly<Record<string, string | undefined>>;

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", ":": "\\c", "\n": "\\n", "\r": "\\r" };
const meanings: Readonly<Record<string, string>> = { "\\\\": "\\", "\\c": ":", "\\n": "\n", "\\r": "\r" };

export function escapeHeader(value: string): string {
  return value.replace(/[\\:\n\r]/g, (character) => escapes[character] ?? character);
}

/** One pass from left to right: `\\c` on the wire is a backslash and a "c", never a colon. */
export function unescapeHeader(value: string): string {
  return value.replace(/\\[\\cnr]/g, (sequence) => meanings[sequence] ?? sequence);
}

/** A STOMP 1.2 frame; a body, even an empty one, always travels with its content-length. */
export function encodeFrame(command: string, headers: FrameHeaders, body?: Buffer): Buffer {
  const all = body === undefined ? headers : { ...headers, "content-length": String(body.byteLength) };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${escapeHeader(name)}:${escapeHeader(value)}`],
  );
  const head = Buffer.from([command, ...lines, "", ""].join("\n"));
  return Buffer.concat([head, body ?? Buffer.alloc(0), Buffer.from([0])]);
}
