import { failed, ok, type Link, type LinkResult } from "../../../src/app/selftest/link.js";
import { runLinks, type RunLinksOptions } from "../../../src/app/selftest/run-links.js";
import { UpstreamError } from "../../../src/core/errors.js";

const never = new AbortController().signal;

function link(id: string, check: Link["check"], own: Partial<Link> = {}): Link {
  return { id, title: id.toUpperCase(), needs: [], check, ...own };
}

async function all(
  links: readonly Link[],
  options: RunLinksOptions = {},
  signal = never,
): Promise<LinkResult[]> {
  const results: LinkResult[] = [];
  for await (const result of runLinks(links, signal, options)) results.push(result);
  return results;
}

const good = (): Promise<ReturnType<typeof ok>> => Promise.resolve(ok("fine"));

test("what needs a broken link is skipped, also at second hand; all else is tried", async () => {
  const results = await all([
    link("a", () => Promise.resolve(failed("broken", "mend it", 23))),
    link("b", good, { needs: ["a"] }),
    link("c", good, { needs: ["b"] }),
    link("d", good),
  ]);
  expect(results.map(({ id, state }) => `${id} ${state}`)).toEqual([
    "a failed",
    "b skipped",
    "c skipped",
    "d ok",
  ]);
  expect(results[0]).toMatchObject({ fix: "mend it", exitCode: 23 });
  expect(results[1]?.detail).toContain('"A"');
});

test("a link that never answers is broken after its time, and holds up nobody", async () => {
  const hanging = link("a", () => new Promise(() => undefined), { fix: "look there", exitCode: 33 });
  const results = await all([hanging, link("b", good)], { timeoutMs: 1 });
  expect(results).toMatchObject([
    { id: "a", state: "failed", detail: "no answer within 0.001 s", fix: "look there", exitCode: 33 },
    { id: "b", state: "ok" },
  ]);
});

test("our own errors are told with the link's remedy; a bug is that link's failure, and the others are tried", async () => {
  const refused = link("a", () => Promise.reject(new UpstreamError("upstream_failed", "It said no")), {
    fix: "ask",
  });
  expect(await all([refused])).toMatchObject([{ state: "failed", detail: "It said no", fix: "ask" }]);
  const faulty = link("b", () => Promise.reject(new TypeError("bug")));
  expect(await all([faulty, refused])).toMatchObject([
    { state: "failed", fix: expect.stringMatching(/please report it/) },
    { detail: "It said no" },
  ]);
});

test("results of earlier links count", async () => {
  const known: LinkResult[] = [{ id: "z", title: "Z", state: "failed", detail: "" }];
  expect(await all([link("a", good, { needs: ["z"] })], { known })).toMatchObject([{ state: "skipped" }]);
});

test("Ctrl-C ends all that is waited for", async () => {
  const stop = new AbortController();
  const waiting = all([link("a", () => new Promise(() => undefined))], {}, stop.signal);
  stop.abort();
  expect(await waiting).toMatchObject([{ state: "failed", detail: "stopped before it was done" }]);
});
