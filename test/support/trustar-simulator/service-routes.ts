import type { Route } from "./exchange.js";
import { json, text } from "./reply.js";
import type { World } from "./world.js";

export function serviceRoutes(world: World): readonly Route[] {
  return [
    { method: "GET", template: "/ping", quotaExempt: true, handle: () => text("pong\n") },
    { method: "GET", template: "/version", handle: () => text("1.3\n") },
    {
      method: "GET",
      template: "/request-quotas",
      quotaExempt: true,
      handle: () => json(world.limits.quotas()),
    },
    {
      method: "GET",
      template: "/enclaves",
      quotaExempt: true,
      handle: ({ account }) => json(world.enclaves.visibleTo(account)),
    },
  ];
}
