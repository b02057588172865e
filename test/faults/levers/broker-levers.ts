import type { Arena } from "../arena/arena.js";
import { nothingToMend, type Lever } from "./lever.js";

export const brokerLevers: readonly Lever[] = [
  {
    name: "the broker is killed and restarted",
    pull: async ({ soar }) => {
      await soar.killBroker();
      return { hasBeenMet: () => true, release: () => soar.restartBroker() };
    },
  },
  {
    name: "the broker's connection is dead, and nobody says so",
    pull: ({ brokerWay: { wire } }) => {
      const before = wire.accepted;
      wire.freeze();
      // Only the missing heart-beat tells.
      return Promise.resolve({ hasBeenMet: () => wire.accepted > before, release: nothingToMend });
    },
  },
  {
    name: "the broker's connection is cut",
    pull: ({ brokerWay: { wire } }) => {
      const before = wire.accepted;
      wire.cut();
      return Promise.resolve({ hasBeenMet: () => wire.accepted > before, release: nothingToMend });
    },
  },
  ...(["SEND\n", "ACK\n", "COMMIT\n"] as const).map((frame) => cutBefore("client", frame)),
  cutBefore("broker", "RECEIPT\n"),
  {
    name: "the broker delivers again what was being worked on",
    pull: ({ brokerWay: { wire } }) => {
      const again = wire.listenFor("broker", "redelivered:true");
      void wire.cutBefore("client", "ACK\n");
      return Promise.resolve({ hasBeenMet: () => again.heard > 0, release: nothingToMend });
    },
  },
  ...["NONSENSE\n\n\0", "MESSAGE\nsubscription:x\n\nno ids\0", "\u0000\u0001\u0002 not STOMP"].map((bytes) =>
    injected(`the broker sends ${JSON.stringify(bytes)}`, () => bytes),
  ),
  injected("the broker reports an error and repeats the passcode in it", ({ soar: { resilient } }) => {
    const { id, secret } = resilient.apiKey;
    return `ERROR\nmessage:bad passcode ${secret} of ${id}\n\n\0`;
  }),
  {
    name: "the broker refuses connections",
    pull: ({ brokerWay: { wire } }) => {
      const before = wire.refused;
      wire.refuse(true);
      wire.cut();
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

function cutBefore(from: "client" | "broker", frame: string): Lever {
  return {
    name: `the broker's connection is cut before the ${from}'s ${frame.trim()}`,
    pull: ({ brokerWay: { wire } }) => {
      let isCut = false;
      void wire.cutBefore(from, frame).then(() => (isCut = true));
      return Promise.resolve({ hasBeenMet: () => isCut, release: nothingToMend });
    },
  };
}

function injected(name: string, bytes: (arena: Arena) => string): Lever {
  return {
    name,
    pull: (arena) => {
      const { wire } = arena.brokerWay;
      const before = wire.accepted;
      wire.inject(bytes(arena));
      return Promise.resolve({ hasBeenMet: () => wire.accepted > before, release: nothingToMend });
    },
  };
}
