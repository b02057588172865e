import type { Seeded } from "../../support/seeded.js";
import { brokerLevers } from "./broker-levers.js";
import { damageLevers, hostLevers } from "./host-levers.js";
import type { Lever } from "./lever.js";
import { processLevers } from "./process-levers.js";
import { resilientLevers } from "./resilient-levers.js";
import { answerLevers, wireLevers } from "./trustar-levers.js";

/** What breaks independently of the rest: at most one of each kind at a time. */
const kinds: readonly (readonly Lever[])[] = [
  answerLevers,
  wireLevers,
  resilientLevers,
  brokerLevers,
  hostLevers,
  [...processLevers, ...damageLevers],
];

/**
 * Two to four things that break at once. Not among them: what is killed while its disk is full. Then what it could not
 * write is gone, which README says.
 */
export function drawLevers(random: Seeded): readonly Lever[] {
  const wanted = random.between(2, 4);
  const left = [...kinds];
  const drawn: Lever[] = [];
  while (drawn.length < wanted) {
    const [kind = []] = left.splice(random.between(0, left.length - 1), 1);
    const lever = kind[random.between(0, kind.length - 1)];
    if (lever !== undefined) drawn.push(lever);
  }
  const isDiskFull = drawn.some(({ name }) => name === "the disk is full");
  return isDiskFull ? drawn.filter((lever) => !kinds[5]?.includes(lever)) : drawn;
}
