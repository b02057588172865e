const strict = new TextDecoder("utf-8", { fatal: true });
const lenient = new TextDecoder("utf-8");

/**
 * A body as text. Java's writers may send each half of a surrogate pair as three bytes of its own (CESU-8), which is
 * not UTF-8: pairs are put together again, and what is still no text becomes U+FFFD.
 */
export function bodyText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return lenient.decode(joinSurrogates(bytes));
  }
}

function joinSurrogates(bytes: Uint8Array): Uint8Array {
  const joined = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length;) {
    const codePoint = surrogatePairAt(bytes, at);
    if (codePoint === undefined) {
      joined[length++] = bytes[at++] ?? 0;
      continue;
    }
    joined[length++] = 0xf0 | (codePoint >> 18);
    joined[length++] = 0x80 | ((codePoint >> 12) & 0x3f);
    joined[length++] = 0x80 | ((codePoint >> 6) & 0x3f);
    joined[length++] = 0x80 | (codePoint & 0x3f);
    at += 6;
  }
  return joined.subarray(0, length);
}

function surrogatePairAt(bytes: Uint8Array, at: number): number | undefined {
  const high = surrogateAt(bytes, at);
  const low = surrogateAt(bytes, at + 3);
  if (high === undefined || low === undefined || high >= 0xdc00 || low < 0xdc00) return undefined;
  return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

/** The surrogate (U+D800 to U+DFFF) whose three bytes start here. */
function surrogateAt(bytes: Uint8Array, at: number): number | undefined {
  const lead = bytes[at] ?? 0;
  const middle = bytes[at + 1] ?? 0;
  const last = bytes[at + 2] ?? 0;
  if (lead !== 0xed || middle < 0xa0 || middle > 0xbf || (last & 0xc0) !== 0x80) return undefined;
  return 0xd000 | ((middle & 0x3f) << 6) | (last & 0x3f);
}
