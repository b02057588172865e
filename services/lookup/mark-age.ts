import type { Hit } from "../../src/core/hit.js";
import { HOUR_MS, MINUTE_MS } from "../../src/core/time.js";

/** Hits that may no longer be true say on each of them how old they are, and why there is nothing newer. */
export function markAge(hits: readonly Hit[], ageMs: number): readonly Hit[] {
  const value = `${ageText(ageMs)} ago, quota spent`;
  return hits.map(({ props }) => ({ props: [{ type: "string", name: "Checked", value }, ...props] }));
}

function ageText(ageMs: number): string {
  if (ageMs < 0) return "some time"; // the clock was set back since
  const hours = Math.floor(ageMs / HOUR_MS);
  return hours > 0 ? `${hours} h` : `${Math.max(1, Math.floor(ageMs / MINUTE_MS))} min`;
}
