import { hash } from "node:crypto";

/** UUID version 5 (RFC 9562): the same name in the same namespace always gets the same UUID. */
export function uuid5(namespace: Buffer, name: string): string {
  const hex = hash("sha1", Buffer.concat([namespace, Buffer.from(name, "utf8")]), "hex");
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
