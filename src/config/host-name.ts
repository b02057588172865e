import { isIP } from "node:net";

/** A name or an IP address that connections can be made to: without brackets, port, zone and scheme. */
export function isHost(text: string): boolean {
  if (isIP(text) !== 0) return !text.includes("%");
  const labels = text.replace(/\.$/, "").split(".");
  if (text.length > 254 || !labels.every((label) => /^(?!-)[\w-]{1,63}(?<!-)$/.test(label))) return false;
  // 10.0.0.300 is neither; 10.1 would be another address than it looks like.
  const url = `https://${text}`;
  return URL.canParse(url) && new URL(url).hostname === text.toLowerCase();
}
