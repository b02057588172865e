import { createArtifactOperations } from "../../../services/resilient/artifacts.js";
import type { Send } from "../../../services/resilient/transport.js";
import { UpstreamError } from "../../../src/core/errors.js";

/** A server whose whole list is too long for one answer. */
async function listed(perPage: number, told: number | undefined): Promise<number> {
  const all = Array.from({ length: 120 }, (_, at) => ({ id: at, type: 1, value: `v${at}`, description: "" }));
  const send = async ({ method, body, answer }: Parameters<Send>[0]): Promise<unknown> => {
    if (method === "GET") throw new UpstreamError("upstream_too_large", "too long");
    const { start } = body as { readonly start: number };
    return answer.parseAsync({ data: all.slice(start, start + perPage), recordsTotal: told });
  };
  const { listArtifacts } = createArtifactOperations(send as Send);
  return (await listArtifacts(7, new AbortController().signal)).length;
}

it("all pages of an incident's artifacts are read, also from a server that gives fewer than it is asked for", async () => {
  expect(await listed(100, undefined)).toBe(120);
  expect(await listed(100, 120)).toBe(120);
  expect(await listed(50, 120)).toBe(120);
  // It counts what the account may not see.
  expect(await listed(50, 130)).toBe(120);
});
