import { TextDecoder } from "node:util";
import { InvalidArtifactError } from "../../src/core/errors.js";

const BOM = "\uFEFF";
/** Nearly all bodies are in it, and a decoder takes longer to make than to use. */
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Bytes as text, without a byte order mark. What isn't text is refused: guessing would look up another value. */
export function decodeText(bytes: Uint8Array, charset: string, place: string): string {
  const decoder = charset === utf8.encoding ? utf8 : decoderFor(charset, place);
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new InvalidArtifactError(`${place}: not valid ${decoder.encoding.toUpperCase()}`, { cause });
  }
}

function decoderFor(charset: string, place: string): TextDecoder {
  try {
    return new TextDecoder(charset, { fatal: true });
  } catch (cause) {
    throw new InvalidArtifactError(`${place}: unknown charset`, { cause });
  }
}

export function withoutBom(text: string): string {
  return text.startsWith(BOM) ? text.slice(BOM.length) : text;
}

/** The charset parameter of a Content-Type; JSON without one is UTF-8 (RFC 8259). */
export function charsetOf(contentType: string | undefined): string {
  return /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType ?? "")?.[1] ?? "utf-8";
}
