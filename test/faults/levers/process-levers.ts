import type { Lever } from "./lever.js";
import { nothingToMend } from "./lever.js";

export const processLevers: readonly Lever[] = [
  {
    name: "kill -9",
    pull: async ({ program }) => {
      await program.kill();
      await program.start();
      return { hasBeenMet: () => true, release: nothingToMend };
    },
  },
  {
    name: "SIGTERM",
    pull: async ({ program }) => {
      await program.terminate();
      await program.start();
      return { hasBeenMet: () => true, release: nothingToMend };
    },
  },
  {
    name: "kill -9, and TruSTAR can't be reached when it comes back",
    pull: async ({ program, trustarWay: { wire } }) => {
      wire.refuse(true);
      await program.kill();
      const before = wire.refused;
      await program.start();
      return {
        hasBeenMet: () => wire.refused > before,
        release: () => {
          wire.refuse(false);
          return Promise.resolve();
        },
      };
    },
  },
];
