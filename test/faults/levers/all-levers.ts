import type { Seeded } from "../../support/seeded.js";
import { brokerLevers } from "./broker-levers.js";
import { damageLevers, hostLevers } from "./host-levers.js";
import type { Lever } from "./lever.js";
import { processLevers } from "./process-levers.js";
import { resilientAnswerLevers, resilientWireLevers } from "./resilient-levers.js";
import { answerLevers, wireLevers } from "./trustar-levers.js";

/** What breaks independently of the rest: at most one of each kind at a time. */
const outside: readonly (readonly Lever[])[] = [
  answerLevers,
  wireLevers,
  [...resilientAnswerLevers, ...resilientWireLevers],
  brokerLevers,
  hostLevers,
];
const restarts: readonly Lever[] = [...processLevers, ...damageLevers];

export interface DrawOptions {
  readonly atLeast: number;
  readonly atMost: number;
  /** Whether the program itself may be ended and started again. */
  readonly mayRestart: boolean;
}

/**
 * Things that break at once. Not among them: what is killed while its disk is full, or started while Resilient refuses
 * its key. The one loses what could not be written, the other waits for an administrator; README says so.
 */
export function drawLevers(random: Seeded, { atLeast, atMost, mayRestart }: DrawOptions): readonly Lever[] {
  const left = mayRestart ? [...outside, restarts] : [...outside];
  const drawn: Lever[] = [];
  for (let wanted = random.between(atLeast, atMost); wanted > 0; wanted -= 1) {
    const [kind = []] = left.splice(random.between(0, left.length - 1), 1);
    const lever = kind[random.between(0, kind.length - 1)];
    if (lever !== undefined) drawn.push(lever);
  }
  const isFatal = drawn.some(({ name }) => /the disk is full|Resilient answers 40[13]/.test(name));
  return isFatal ? drawn.filter((lever) => !restarts.includes(lever)) : drawn;
}
