import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { OverloadedError, UpstreamError } from "../../../src/core/errors.js";
import type { Submission } from "../../../src/core/lookup.js";
import type { StateRecord } from "../../../services/lookup/state-record.js";
import { ownCopy, toSubject, waitingBytes } from "../../../services/lookup/subject.js";
import { candidatesOf } from "../../../services/lookup/candidates.js";
import {
  atOnce,
  buildEngine,
  conclusion,
  createMemorySource,
  submissionOf,
  type EngineParts,
} from "../../support/lookup-fixtures.js";

const megabyte = 1024 * 1024;
const pad = "x".repeat(2_500);

/** An e-mail header with as many links, distinct for each `name`. */
function linksOf(name: string, links: number, tail = pad): Submission {
  const urls = Array.from({ length: links }, (_, at) => `http://${name}-${at}.example/${tail}`);
  return submissionOf("email.header", { name: "X-Links", value: urls.join(" ") });
}

const bytesOf = ({ artifact }: Submission): number => waitingBytes(toSubject(candidatesOf(artifact)));

/** Posts one after the other. @returns the ids of those that were taken */
async function post({ engine }: EngineParts, posts: readonly Submission[]): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const one of posts) {
    try {
      ids.push((await engine.submit(one)).id);
    } catch (error) {
      expect(error).toBeInstanceOf(OverloadedError);
    }
  }
  return ids;
}

function held(settings: Parameters<typeof buildEngine>[0] = {}): EngineParts {
  const parts = buildEngine(settings);
  parts.source.hold();
  return parts;
}

describe("what waits for TruSTAR", () => {
  it("is bounded by its bytes, and refused as when there are too many; what ends makes room", async () => {
    const posts = ["a", "b", "c", "d"].map((name) => linksOf(name, 20));
    const parts = held({ maxWaitingBytes: 3 * bytesOf(posts[0] ?? linksOf("", 0)) });
    expect(await post(parts, posts)).toHaveLength(3);
    expect(parts.intakes).toEqual(["started", "started", "started", "refused"]);
    // Who asks about what waits already needs no more room.
    expect(await post(parts, posts.slice(0, 3))).toHaveLength(3);
    parts.source.release();
    await parts.idle();
    parts.source.hold();
    expect(await post(parts, posts.slice(3))).toHaveLength(1);
    parts.engine.close();
  });

  it("counts every indicator of an artifact, however short; single ones are bounded by their number", async () => {
    const parts = held({ maxWaitingBytes: megabyte, maxRunning: 2_000 });
    const many = Array.from({ length: 10 }, (_, at) => linksOf(`h${at}`, 100, "x"));
    const taken = await post(parts, many);
    expect(taken.length).toBeGreaterThan(2);
    expect(taken.length).toBeLessThan(6);
    parts.engine.close();
    const single = held({ maxWaitingBytes: megabyte, maxRunning: 2_000 });
    const ips = Array.from({ length: 2_100 }, (_, at) =>
      submissionOf("net.ip", `198.51.${at >> 8}.${at % 256}`),
    );
    expect(await post(single, ips)).toHaveLength(2_000);
    single.engine.close();
  });

  it("counts two bytes for each character where one of them needs two", () => {
    const ascii = bytesOf(linksOf("a", 10, "xxxx"));
    expect(bytesOf(linksOf("a", 10, "xxx\u65e5")) - ascii).toBe(10 * "http://a-0.example/xxxx".length);
  });

  it("a poll starts nothing for which there is no room, and is not told that nothing was found", async () => {
    const source = createMemorySource();
    const parts = buildEngine({ source, missTtlMs: 1, deliverWithinMs: 1, maxWaitingBytes: 60_000 });
    const [first = ""] = await post(parts, [submissionOf("net.uri", `http://a.example/${"y".repeat(500)}`)]);
    await parts.idle();
    parts.clock.advance(1_000);
    source.hold();
    expect(await post(parts, [linksOf("b", 11)])).toHaveLength(1);
    expect(await post(parts, [linksOf("c", 1)])).toHaveLength(1);
    expect(conclusion(parts.engine.poll(first))).toBe("pending");
    parts.engine.close();
  });
});

describe("what was found", () => {
  const knowing = (...names: readonly string[]) => {
    const source = createMemorySource();
    for (const name of names) source.know(`http://${name}-0.example/${pad}`, 3);
    return source;
  };

  it("of long values is kept by a digest: it is given out, over restarts, and once it is gone its poll is sent back", async () => {
    const parts = buildEngine({ source: knowing("a") });
    const [id = ""] = await post(parts, [linksOf("a", 2)]);
    await parts.idle();
    expect(conclusion(parts.engine.poll(id))).toBe("hit");
    expect(conclusion(await parts.engine.submit(linksOf("a", 2)))).toBe("hit");
    const snapshot = [...parts.engine.snapshot()];
    expect(JSON.stringify(snapshot)).not.toContain(`http://a-1.example`);
    for (const records of [snapshot, parts.records]) {
      const after = buildEngine({ clock: parts.clock });
      await after.engine.restore([JSON.parse(JSON.stringify(records)) as StateRecord[]]);
      expect(conclusion(after.engine.poll(id))).toBe("hit");
    }
    parts.clock.advance(600_001);
    expect(conclusion(parts.engine.poll(id))).toBe("failed");
  });

  it("keeps values apart that only differ in half a character", () => {
    const [one, two] = ["\ud800", "\ud801"].map(
      (half) => toSubject([{ kind: "URL", value: `http://a.example/${pad}${half}` }]).key,
    );
    expect(one).not.toBe(two);
    const lone = [{ kind: "URL", value: "http://a.example/\ud800\u65e5" }] as const;
    expect(ownCopy(lone)).toEqual(lone);
  });

  it("makes room by its bytes, ids too, and no poll of what was lost says that nothing was found", async () => {
    const names = Array.from({ length: 60 }, (_, at) => `n${at}`);
    const source = createMemorySource();
    for (const name of names) source.know(`http://${name}-0.example/`, 3);
    const parts = buildEngine({ source, maxBytes: 8_000 });
    const ids = await post(
      parts,
      names.map((name) => linksOf(name, 1, "")),
    );
    await parts.idle();
    expect(parts.store.size).toBeLessThan(60);
    source.hold();
    const heard = ids.map((id) => conclusion(parts.engine.poll(id)));
    expect(heard).not.toContain("clean");
    expect(heard[0]).toBe("failed");
    expect(heard.at(-1)).toBe("hit");
    parts.engine.close();
  });

  it("that was fetched is sent back, too, when long values have pushed out its id", async () => {
    const parts = buildEngine({ maxBytes: 8_000 });
    const ids: string[] = [];
    for (let at = 0; at < 30; at += 1) {
      ids.push(...(await post(parts, [submissionOf("net.ip", `198.51.100.${at}`)])));
      await parts.idle();
      expect(conclusion(parts.engine.poll(ids[at] ?? ""))).toBe("clean");
    }
    expect(conclusion(parts.engine.poll(ids[0] ?? ""))).toBe("failed");
  });

  it("of a look-up that failed, the reason makes room by its bytes", async () => {
    const source = createMemorySource();
    source.failWith(new UpstreamError("upstream_failed", "f".repeat(500)));
    const parts = buildEngine({ source, maxWaitingBytes: 16_000 });
    const posts = Array.from({ length: 10 }, (_, at) => submissionOf("net.ip", `198.51.100.${at}`));
    const ids: string[] = [];
    for (const one of posts) {
      ids.push(...(await post(parts, [one])));
      await parts.idle();
    }
    source.hold();
    expect(ids.map((id) => conclusion(parts.engine.poll(id)))).toEqual([
      ...ids.slice(0, 7).map(() => "pending"),
      ...ids.slice(7).map(() => "failed"),
    ]);
    parts.engine.close();
  });
});

describe("a state that is larger than there is room for", () => {
  it("is taken up from its newest end; what is left out is sent back, and never reads clean", async () => {
    const posts = Array.from({ length: 12 }, (_, at) => linksOf(`h${at}`, 20));
    const before = held();
    const ids = await post(before, posts);
    const kept = JSON.parse(JSON.stringify(before.records)) as StateRecord[];
    before.engine.close();
    const after = held({ maxWaitingBytes: 5 * bytesOf(posts[11] ?? linksOf("", 0)) + 100 });
    await after.engine.restore(kept.map((record) => [record]));
    expect(after.engine.running).toBe(5);
    const heard = ids.map((id) => conclusion(after.engine.poll(id)));
    expect(heard).toEqual([...ids.slice(0, 7).map(() => "failed"), ...ids.slice(7).map(() => "pending")]);
    after.engine.close();
  });

  it("takes up no more look-ups than max_pending, the newest", async () => {
    const asked = Array.from({ length: 12 }, (_, at): StateRecord => ({
      is: "asked",
      of: [{ kind: "IP", value: `198.51.100.${at}` }],
      atMs: 0,
      polls: 0,
    }));
    const { engine, source, clock } = buildEngine({ maxRunning: 4 });
    source.hold();
    await engine.restore([asked.map((record) => ({ ...record, atMs: clock.now() }))]);
    expect([...engine.snapshot()].map((record) => ("of" in record ? record.of : ""))).toEqual(
      asked.slice(8).map((record) => ("of" in record ? record.of : "")),
    );
    engine.close();
  });
});

it("a snapshot that is taken slowly, and what was recorded meanwhile, come to the state at the end", async () => {
  const source = createMemorySource();
  const values = Array.from({ length: 40 }, (_, at) => `198.51.100.${at}`);
  for (const value of values) source.know(value, 3);
  const parts = buildEngine({ source });
  const posts = values.map((value) => submissionOf("net.ip", value));
  const ids = [...(await post(parts, posts.slice(0, 20)))];
  await parts.idle();
  source.hold();
  ids.push(...(await post(parts, posts.slice(20, 30))));
  const recordedBefore = parts.records.length;
  const slowly: StateRecord[] = [];
  for (const record of parts.engine.snapshot()) {
    slowly.push(record);
    if (slowly.length === 5) for (const id of ids.slice(0, 20)) parts.engine.poll(id);
    if (slowly.length === 10) ids.push(...(await post(parts, posts.slice(30))));
    if (slowly.length !== 15) continue;
    source.release();
    await parts.idle();
  }
  const after = held({ clock: parts.clock });
  await after.engine.restore([slowly, parts.records.slice(recordedBefore)]);
  expect(ids.map((id) => conclusion(after.engine.poll(id)))).toEqual(ids.map(() => "hit"));
  after.engine.close();
});

describe("in memory", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("globalThis.gc") as () => void;
  const usedMb = (): number => {
    collect();
    return process.memoryUsage().heapUsed / megabyte;
  };

  it("an indicator does not keep the text that it was found in", async () => {
    const parts = held();
    const text = (at: number): Submission =>
      submissionOf("file.name", `${" ".repeat(500_000)}a-file-of-some-name-${at}.exe`);
    await post(parts, [text(0)]);
    const beforeMb = usedMb();
    for (let at = 1; at <= 60; at += 1) await post(parts, [text(at)]);
    expect(parts.engine.running).toBe(61);
    // Sixty texts take 30 MB.
    expect(usedMb() - beforeMb).toBeLessThan(10);
    parts.engine.close();
  });

  it.each(["does not answer", "fails"])(
    "nothing is left of look-ups that ended at a TruSTAR that %s",
    async (how) => {
      const parts = buildEngine({
        maxRetries: 0,
        retry: { ...atOnce, minTimeout: 60_000, maxTimeout: 60_000 },
      });
      if (how === "fails") parts.source.failWith(new UpstreamError("upstream_failed", "503"));
      else parts.source.hold();
      const links = (at: number): Submission => linksOf(`h${at}`, 100);
      await post(parts, [links(0)]);
      const beforeMb = usedMb();
      const ids: string[] = [];
      for (let at = 1; at <= 60; at += 1) ids.push(...(await post(parts, [links(at)])));
      expect(ids).toHaveLength(60);
      const heldMb = usedMb() - beforeMb;
      for (const id of ids) expect(conclusion(parts.engine.poll(id))).toBe("failed");
      expect(parts.engine.running).toBe(1);
      // The fixture's own notes.
      parts.records.length = 0;
      parts.source.asked.metadata.length = 0;
      await new Promise((resolve) => setImmediate(resolve));
      expect((usedMb() - beforeMb) / heldMb).toBeLessThan(0.2);
      parts.engine.close();
    },
  );
});

it("gives others their turn while it goes through the names of an artifact, thousands of which stay", async () => {
  const { engine, intakes } = buildEngine();
  const names = Array.from({ length: 2_900 }, (_, at) => `h${at}.${"7.".repeat(80)}10.0.0.5.example`);
  let turns = 0;
  const ticking = setInterval(() => (turns += 1), 1);
  const answer = await engine.submit(submissionOf("email.header", { name: "Host", value: names.join(" ") }));
  clearInterval(ticking);
  expect(answer).toMatchObject({ state: "finished", hits: [] });
  expect(intakes).toEqual(["kept_inside"]);
  expect(turns).toBeGreaterThan(3);
});
