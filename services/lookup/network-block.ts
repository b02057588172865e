import { isIPv6 } from "node:net";

/** The first address of a block: `203.0.113.9/24` means `203.0.113.0/24`. IPv6 comes in canonical or any other form. */
export function firstAddress(address: string, prefix: number): string {
  const bytes = isIPv6(address) ? ipv6Bytes(address) : Buffer.from(address.split(".").map(Number));
  const masked = bytes.map((byte, at) => {
    const kept = Math.min(8, Math.max(0, prefix - at * 8));
    return byte & (0xff << (8 - kept)) & 0xff;
  });
  if (bytes.length === 4) return masked.join(".");
  const groups = Array.from({ length: 8 }, (_, at) =>
    Buffer.from(masked)
      .readUInt16BE(at * 2)
      .toString(16),
  );
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}

function ipv6Bytes(address: string): Buffer {
  const [head = "", tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  const bytes = Buffer.alloc(16);
  [...left, ...zeros, ...right].forEach((group, at) =>
    bytes.writeUInt16BE(Number.parseInt(group, 16), at * 2),
  );
  return bytes;
}
