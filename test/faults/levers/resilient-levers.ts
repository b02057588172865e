import type { Fault } from "../../support/resilient-simulator/faults.js";
import type { Lever } from "./lever.js";

const many = 10_000;

/** Answers that come whole and are of no use. */
const answers: Readonly<Record<string, Fault>> = {
  "Resilient answers 401": { kind: "status", status: 401, times: many },
  "Resilient answers 403": { kind: "status", status: 403, times: many },
  "Resilient answers 409": { kind: "status", status: 409, method: "PUT", times: many },
  "Resilient answers 409 to everything": { kind: "status", status: 409, times: many },
  "Resilient answers 500": { kind: "status", status: 500, times: many },
  "Resilient answers 400 and repeats the request, credentials and all": {
    kind: "status",
    status: 400,
    repeats: true,
    times: many,
  },
  "Resilient sends the page of a proxy": { kind: "not-json", times: many },
  "Resilient answers 503 in HTML": { kind: "status", status: 503, body: "<h1>down</h1>", times: many },
};

/** Answers that don't come, or not whole. */
const silences: Readonly<Record<string, Fault>> = {
  "Resilient hangs": { kind: "hang", times: 3 },
  "Resilient resets connections": { kind: "reset", times: 5 },
  "Resilient resets connections after a note or artifact is written": {
    kind: "reset",
    when: "after",
    method: "POST",
    path: /\/(comments|artifacts)/,
    times: 5,
  },
  "Resilient sends half of its bodies": { kind: "half-body", times: 5 },
};

/** For who logs in as a person: an API key has no session that could be dropped. */
export const sessionLever: Lever = {
  name: "Resilient drops the session",
  pull: ({ soar: { resilient } }) => {
    const fault: Fault = { kind: "session-drop", times: 20 };
    const logIns = () => resilient.calls.count("POST", "/session");
    const before = logIns();
    resilient.faults.add(fault);
    return Promise.resolve({
      hasBeenMet: () => logIns() > before,
      release: () => {
        resilient.faults.remove(fault);
        return Promise.resolve();
      },
    });
  },
};

export const resilientAnswerLevers: readonly Lever[] = leversOf(answers);

export const resilientWireLevers: readonly Lever[] = [
  ...leversOf(silences),
  {
    name: "Resilient's connections are cut",
    pull: ({ resilientWire: wire }) => {
      wire.refuse(true);
      wire.cut();
      const before = wire.refused;
      return Promise.resolve({
        hasBeenMet: () => wire.refused > before,
        release: () => {
          wire.refuse(false);
          return Promise.resolve();
        },
      });
    },
  },
];

function leversOf(faults: Readonly<Record<string, Fault>>): readonly Lever[] {
  return Object.entries(faults).map(([name, fault]) => answerLever(name, fault));
}

function answerLever(name: string, fault: Fault): Lever {
  return {
    name,
    pull: ({ soar: { resilient } }) => {
      const mine = { ...fault };
      resilient.faults.add(mine);
      return Promise.resolve({
        hasBeenMet: () => resilient.faults.left(mine) < (mine.times ?? 1),
        release: () => {
          resilient.faults.remove(mine);
          return Promise.resolve();
        },
      });
    },
  };
}
