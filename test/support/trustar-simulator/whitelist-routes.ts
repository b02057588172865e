import { stringList, type Route } from "./exchange.js";
import type { ExtractedIndicator } from "./extract.js";
import { emptyOk, json, page } from "./reply.js";
import type { World } from "./world.js";

export function whitelistRoutes({ whitelist }: World): readonly Route[] {
  return [
    {
      method: "GET",
      template: "/whitelist",
      handle: ({ query }) => page(whitelist.all().map(entryWire), query.page(25, 1000)),
    },
    {
      method: "POST",
      template: "/whitelist",
      handle: ({ body }) => json(whitelist.add(stringList(body, "Request body")).map(entryWire)),
    },
    {
      // Other parameters are ignored: the vendor's own client sends every field of the indicator.
      method: "DELETE",
      template: "/whitelist",
      handle: ({ query }) => {
        whitelist.delete(query.required("indicatorType"), query.required("value"));
        return emptyOk;
      },
    },
  ];
}

function entryWire({ type, value }: ExtractedIndicator): unknown {
  return { guid: `${type}|${value}`, indicatorType: type, value };
}
