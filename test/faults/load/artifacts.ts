import { createHash } from "node:crypto";

/** One artifact and what TruSTAR knows of it: every value with "bad" in front is in an intelligence feed, no other is. */
export interface Sample {
  readonly artifact: { readonly type: string; readonly value: string | readonly string[] };
  readonly isBad: boolean;
}

/** Of a value as TruSTAR gets to see it: the simulator's rule. */
export function knownToTrustar(value: string): boolean | { readonly severityLevel: number } {
  return /^(?:https?:\/\/)?bad/.test(value) ? { severityLevel: 3 } : false;
}

type Kind = (name: string) => Sample["artifact"];

const kinds: readonly Kind[] = [
  (name) => ({ type: "net.name", value: `${name}.example` }),
  (name) => ({ type: "net.uri", value: `https://${name}.example/login?next=1` }),
  (name) => ({ type: "email.header.sender_address", value: `${name}@mail.example` }),
  (name) => ({ type: "email.header.to", value: [`fine-${name}@mail.example`, `${name}@mail.example`] }),
  (name) => ({ type: "hash.sha256", value: hashOf(name) }),
];

/** "bad" and "f1e" are hexadecimal, too. */
function hashOf(name: string): string {
  const digest = createHash("sha256").update(name).digest("hex");
  return (name.startsWith("bad") ? "bad" : "f1e") + digest.slice(3);
}

/** The `n`-th artifact: kinds and verdicts take turns. */
export function sampleOf(n: number): Sample {
  const isBad = n % 3 !== 0;
  const kind = kinds[n % kinds.length];
  if (kind === undefined) throw new Error("unreachable");
  return { artifact: kind(`${isBad ? "bad" : "fine"}-${n}`), isBad };
}
