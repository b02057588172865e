import { TextDecoder } from "node:util";
import { InvalidArtifactError } from "../../src/core/errors.js";

/** Nearly all bodies are in it, and a decoder takes longer to make than to use. */
const utf8 = new TextDecoder("utf-8", { fatal: true });
/** Where windows-1252 differs from Latin-1: 0x80 to 0x9F. Node 20's decoder takes the one for the other. */
const WINDOWS_1252 = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";

/** Bytes as text, without a byte order mark. What isn't text is refused: guessing would look up another value. */
export function decodeText(bytes: Uint8Array, charset: string, place: string): string {
  const decoder = charset === utf8.encoding ? utf8 : decoderFor(charset, bytes);
  if (decoder === undefined) throw new InvalidArtifactError(`${place}: unknown charset`);
  if (decoder.encoding === "windows-1252") return decodeWindows1252(bytes);
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new InvalidArtifactError(`${place}: not valid ${decoder.encoding.toUpperCase()}`, { cause });
  }
}

function decoderFor(charset: string, bytes: Uint8Array): TextDecoder | undefined {
  for (const spelling of spellingsOf(charset)) {
    try {
      const decoder = new TextDecoder(spelling, { fatal: true });
      // "UTF-16" alone is the one that the byte order mark says: Java writes the big end first, Python the little one.
      const isBigEndian = decoder.encoding === "utf-16le" && bytes[0] === 0xfe && bytes[1] === 0xff;
      return isBigEndian ? new TextDecoder("utf-16be", { fatal: true }) : decoder;
    } catch {
      // The next spelling may be one that Node knows.
    }
  }
  return undefined;
}

/** As the Web spells it, and as Java and Python do: "ISO8859_1", "utf_16_le", "windows_1252", "utf-8-sig". */
function spellingsOf(charset: string): readonly string[] {
  const bare = charset.toLowerCase().replace(/[^a-z\d]/g, "");
  const hyphened = bare.replace(/^8859/, "iso8859").replace(/^(utf|windows)(\d+)/, "$1-$2");
  return [charset, charset.replaceAll("_", "-"), hyphened.replace(/^utf-8sig$/, "utf-8")];
}

function decodeWindows1252(bytes: Uint8Array): string {
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  return latin1.replace(/[\x80-\x9f]/g, (c1) => WINDOWS_1252.charAt(c1.charCodeAt(0) - 0x80));
}

/** The charset parameter of a Content-Type; JSON without one is UTF-8 (RFC 8259). */
export function charsetOf(contentType: string | undefined): string {
  return /;\s*charset\s*=\s*["']*([^"';\s]+)/i.exec(contentType ?? "")?.[1]?.toLowerCase() ?? "utf-8";
}
