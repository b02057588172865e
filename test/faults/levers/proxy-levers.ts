import type { Lever } from "./lever.js";

export const proxyLevers: readonly Lever[] = [
  {
    name: "the proxy dies and returns",
    pull: async ({ proxy, program }) => {
      if (proxy === undefined) throw new Error("this arena has no proxy");
      const before = program.output().length;
      await proxy.stop();
      return {
        hasBeenMet: () => program.output().slice(before).includes("proxy"),
        release: () => proxy.start(),
      };
    },
  },
];
