import { createAuthority, type ServerCertificate } from "../../support/certificates.js";
import type { Fault } from "../../support/trustar-simulator/start-trustar-simulator.js";
import { trustarHost } from "../arena/house.js";
import type { Arena, Way } from "../arena/arena.js";
import type { Lever, Pulled } from "./lever.js";

/** Answers that come whole and are of no use. */
const answers: Readonly<Record<string, Fault>> = {
  "TruSTAR answers 500": { kind: "status", status: 500 },
  "TruSTAR answers 502 in HTML": { kind: "status", status: 502 },
  "TruSTAR answers 403": { kind: "status", status: 403, probability: 0.3 },
  "TruSTAR answers 404 in HTML": { kind: "status", status: 404, format: "html", probability: 0.5 },
  "TruSTAR answers 429 with a short waitTime": { kind: "rate-limit", waitTimeMs: 700, probability: 0.5 },
  "TruSTAR sends JSON of another shape": { kind: "wrong-shape" },
  "TruSTAR sends an empty object": { kind: "wrong-shape", body: {} },
  "TruSTAR sends an empty list for a token": { kind: "wrong-shape", body: [], endpoint: "/oauth/token" },
  "TruSTAR sends garbage": { kind: "garbage" },
  "TruSTAR's token expires in mid-batch": { kind: "expired-token", probability: 0.5 },
  "TruSTAR redirects elsewhere": { kind: "redirect" },
};

/** Answers that don't come, or not whole, or late. */
const silences: Readonly<Record<string, Fault>> = {
  "TruSTAR hangs": { kind: "hang" },
  "TruSTAR hangs after it has done the work": { kind: "hang", stage: "after", probability: 0.3 },
  "TruSTAR resets connections": { kind: "reset", probability: 0.5 },
  "TruSTAR resets connections after it has done the work": {
    kind: "reset",
    stage: "after",
    probability: 0.4,
  },
  "TruSTAR sends half of its bodies": { kind: "half-body", probability: 0.7 },
  "TruSTAR drips": { kind: "drip", everyMs: 400, chunkBytes: 4 },
};

/** Holds that outlast everybody's patience: the program is restarted while they last. */
const holds: Readonly<Record<string, Fault>> = {
  "TruSTAR answers 429 with a waitTime of an hour": { kind: "rate-limit", waitTimeMs: 3_600_000 },
  "TruSTAR answers 429 without waitTime": { kind: "rate-limit", waitTimeMs: null },
};

export const answerLevers: readonly Lever[] = Object.entries(answers).map(([name, fault]) =>
  answerLever(name, fault),
);

export const holdLevers: readonly Lever[] = Object.entries(holds).map(([name, fault]) => {
  const { pull } = answerLever(name, fault);
  return {
    name: `${name}, and the program is restarted meanwhile`,
    pull: async (arena, random) => {
      const pulled = await pull(arena, random);
      return {
        hasBeenMet: pulled.hasBeenMet,
        release: async () => {
          await pulled.release();
          await arena.program.terminate();
          await arena.program.start();
        },
      };
    },
  };
});

export const wireLevers: readonly Lever[] = [
  ...Object.entries(silences).map(([name, fault]) => answerLever(name, fault)),
  certificateLever("TruSTAR shows a certificate of an unknown authority", async () =>
    (await createAuthority("Somebody else")).issue(trustarHost),
  ),
  certificateLever("TruSTAR shows a certificate of another host", ({ authority }) =>
    authority.issue("somebody-else.test"),
  ),
  {
    name: "TruSTAR is silent on all connections",
    pull: ({ trustarWay: { wire } }) => {
      wire.hang(true);
      wire.freeze();
      const before = wire.accepted;
      return Promise.resolve({
        hasBeenMet: () => wire.accepted > before,
        release: () => {
          wire.hang(false);
          wire.cut();
          return Promise.resolve();
        },
      });
    },
  },
];

function answerLever(name: string, fault: Fault): Lever {
  return {
    name,
    pull: ({ trustar: { faults, revokeTokens } }): Promise<Pulled> => {
      // A copy: the same lever may be pulled again.
      const mine = { ...fault };
      faults.add(mine);
      // Whoever has to fetch a token meets what is wrong with tokens.
      if (mine.endpoint === "/oauth/token") revokeTokens();
      return Promise.resolve({
        hasBeenMet: () => faults.active().some((active) => active.fault === mine && active.met > 0),
        release: () => {
          faults.remove(mine);
          return Promise.resolve();
        },
      });
    },
  };
}

function certificateLever(name: string, make: (way: Arena) => Promise<ServerCertificate>): Lever {
  return {
    name,
    pull: async (arena) => {
      const { front, certificate }: Way = arena.trustarWay;
      const before = front.refusedByClients;
      front.present(await make(arena));
      return {
        hasBeenMet: () => front.refusedByClients > before,
        release: () => {
          front.present(certificate);
          return Promise.resolve();
        },
      };
    },
  };
}
