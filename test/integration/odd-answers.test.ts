import type { Answer } from "../../src/core/lookup.js";
import { conclusion, submissionOf, until } from "../support/lookup-fixtures.js";
import { startScriptedTrustar, type Script } from "../support/scripted-trustar.js";
import { ended, fast, openSource, type OpenedSource } from "../support/threat-source-fixture.js";

const odd = "203.0.113.7";
const grave = "203.0.113.8";
const unknown = "203.0.113.9";
const metadataPath = "/indicators/metadata";

const known = (value: string) => ({ value, indicatorType: "IP", sightings: 1 });
const graveSummary = (value: string) => ({ value, reportId: "r", source: { key: "s" }, severityLevel: 3 });

/** Knows all but `unknown`; of `odd` it says what the test wants. */
function metadataWith(item: unknown): Script {
  return (values) => ({
    body: values.flatMap((value) => (value === unknown ? [] : value === odd ? [item] : [known(value)])),
  });
}

function summariesWith(item: unknown): Script {
  return (values) => ({
    body: { items: values.map((value) => (value === odd ? item : graveSummary(value))), hasNext: false },
  });
}

interface Scripts {
  readonly metadata?: Script;
  readonly summaries?: Script;
}

/** Asks for all three in one batch; a retry would never end, so that an answer was found without one. */
async function lookUpAll(
  { metadata = metadataWith(known(odd)), summaries = summariesWith(graveSummary(odd)) }: Scripts,
  judge: (answers: readonly Answer[], parts: OpenedSource, calls: number) => void,
): Promise<void> {
  await using trustar = await startScriptedTrustar({
    [metadataPath]: metadata,
    "/indicators/summaries": summaries,
  });
  const retry = { retries: 1, minTimeout: 600_000, maxTimeout: 600_000, randomize: false };
  await using parts = await openSource({ source: { url: trustar.url }, retry });
  const { engine } = parts.source;
  const posted = await Promise.all(
    [odd, grave, unknown].map((ip) => engine.submit(submissionOf("net.ip", ip))),
  );
  await ended(parts);
  const answers = posted.map(({ id }) => engine.poll(id));
  judge(answers, parts, trustar.asked(metadataPath).length);
}

describe("metadata with an odd field", () => {
  it.each([
    ["a tag without a name", { tags: [{ name: null }, null, { name: "phish" }] }],
    ["a type that is none", { indicatorType: 5 }],
    ["times in words", { firstSeen: "yesterday", lastSeen: {} }],
    ["sightings in words and tags that are none", { sightings: "many", tags: "phish" }],
    ["a priority of another scale", { priorityLevel: 7 }],
  ])("(%s) is shown without it, and costs nobody an answer or a call", async (_what, field) => {
    await lookUpAll({ metadata: metadataWith({ ...known(odd), ...field }) }, (answers, parts, calls) => {
      expect(answers.map(conclusion)).toEqual(["hit", "hit", "clean"]);
      expect(calls).toBe(1);
      expect(parts.capture.text().match(/can't be read/g)).toHaveLength(1);
    });
  });
});

describe("metadata that does not say which value it is about", () => {
  it.each([
    ["no value", { indicatorType: "IP" }],
    ["null for its value", { ...known(odd), value: null }],
    ["a value that is no text", { ...known(odd), value: { raw: odd } }],
    ["an empty value", { ...known(odd), value: "" }],
  ])("(%s) is found to be about its own: it is a hit, the others have their answers", async (_what, item) => {
    await lookUpAll({ metadata: metadataWith(item) }, (answers) => {
      expect(answers.map(conclusion)).toEqual(["hit", "hit", "clean"]);
    });
  });

  it.each([[null], [5], ["?"], [[]]])(
    "because it is %j fails its own value only, and says why",
    async (item) => {
      await lookUpAll({ metadata: metadataWith(item) }, (answers) => {
        expect(answers.map(conclusion)).toEqual(["failed", "hit", "clean"]);
        expect(answers[0]).toMatchObject({ error: expect.stringContaining("can't be understood") });
      });
    },
  );
});

describe("a summary", () => {
  it.each([
    ["no report", { reportId: undefined }],
    ["no value", { value: undefined }],
    ["an odd source, score and time", { source: "s", score: [1], updated: "now", description: 5 }],
    ["its severity as text", { severityLevel: "3" }],
  ])("with %s is shown for what it is", async (_what, field) => {
    await lookUpAll({ summaries: summariesWith({ ...graveSummary(odd), ...field }) }, (answers) => {
      expect(answers.map(conclusion)).toEqual(["hit", "hit", "clean"]);
    });
  });

  it.each(["HIGH", {}, [3], true])(
    "with a severity of %j fails its own value only: it must not look harmless",
    async (severityLevel) => {
      await lookUpAll({ summaries: summariesWith({ ...graveSummary(odd), severityLevel }) }, (answers) => {
        expect(answers.map(conclusion)).toEqual(["failed", "hit", "clean"]);
      });
    },
  );
});

it.each([{ items: [] }, null, "[", { message: "ok" }])(
  "an answer that is %j altogether fails all",
  async (body) => {
    const retry = { retries: 0, minTimeout: 0, maxTimeout: 0, randomize: false };
    await using trustar = await startScriptedTrustar({ [metadataPath]: () => ({ body }) });
    await using parts = await openSource({ source: { url: trustar.url }, retry });
    const { id } = await parts.source.engine.submit(submissionOf("net.ip", odd));
    await ended(parts);
    expect(conclusion(parts.source.engine.poll(id))).toBe("failed");
  },
);

it("an indicator without a readable type has no broken link, and its reports are not asked for", async () => {
  await using trustar = await startScriptedTrustar({
    [metadataPath]: metadataWith({ value: odd }),
    "/indicators/summaries": summariesWith({ value: odd, severityLevel: 3 }),
  });
  await using parts = await openSource({
    source: { url: trustar.url, hitDetail: "reports" },
    service: { answerWithinMs: 30_000 },
  });
  const answer = await parts.source.engine.submit(submissionOf("net.ip", odd));
  expect(conclusion(answer)).toBe("hit");
  expect(JSON.stringify(answer)).not.toContain("constellation");
});

describe.each(["/indicators/metadata", "/indicators/summaries"])("a stray 404 to %s", (endpoint) => {
  it("is not believed: the known value is a hit", async () => {
    await using parts = await openSource();
    parts.simulator.faults.add({ kind: "status", status: 404, endpoint, times: 1 });
    const { id } = await parts.source.engine.submit(submissionOf("net.ip", odd));
    await ended(parts);
    expect(conclusion(parts.source.engine.poll(id))).toBe("hit");
  });
});

it("a 404 to the question for summaries, however often, never makes a known value clean", async () => {
  await using parts = await openSource({ service: { maxRetries: 2, laterRetrySecs: 1 } });
  parts.simulator.faults.add({ kind: "status", status: 404, endpoint: "/indicators/summaries" });
  const { engine } = parts.source;
  const { id } = await engine.submit(submissionOf("net.ip", odd));
  await until(() => (parts.simulator.calls().byStatus["404"] ?? 0) >= 3);
  expect([1, 2, 3].map(() => conclusion(engine.poll(id)))).toEqual(["pending", "pending", "failed"]);
  expect(engine.poll(id)).toMatchObject({ error: expect.stringContaining("404") });
});

describe("a 404 to the metadata call", () => {
  const own = { status: 404, body: { status: 404, error: "Not Found", message: "Indicator not found" } };

  it("because of one value means of it alone that it is unknown, and nothing of the others", async () => {
    const metadata: Script = (values) =>
      values.includes(odd) ? own : { body: values.filter((value) => value === grave).map(known) };
    await lookUpAll({ metadata }, (answers) => {
      expect(answers.map(conclusion)).toEqual(["clean", "hit", "clean"]);
    });
  });

  it.each([
    ["a proxy's page", "<html>404</html>"],
    ["a path that TruSTAR does not have", { status: 404, message: "No message available" }],
  ])("that is %s fails all at once and says what to check", async (_what, body) => {
    await lookUpAll({ metadata: () => ({ status: 404, body }) }, (answers, _parts, calls) => {
      expect(answers.map(conclusion)).toEqual(["failed", "failed", "failed"]);
      expect(answers[0]).toMatchObject({ error: expect.stringContaining("check url") });
      expect(calls).toBe(1);
    });
  });

  it("whatever is asked calls nobody clean who was not asked alone, and ends after a dozen calls", async () => {
    await using trustar = await startScriptedTrustar({ [metadataPath]: () => own });
    await using parts = await openSource({
      source: { url: trustar.url },
      service: { batchWindowMs: 20 },
    });
    const { engine } = parts.source;
    const ips = Array.from({ length: 100 }, (_, at) => `198.51.100.${at}`);
    const posted = await Promise.all(ips.map((ip) => engine.submit(submissionOf("net.ip", ip))));
    await ended(parts);
    const asked = trustar.asked(metadataPath);
    const alone = new Set(asked.filter(({ length }) => length === 1).flat());
    expect(asked.length).toBeLessThanOrEqual(13);
    expect(posted.map(({ id }) => conclusion(engine.poll(id)))).toEqual(
      ips.map((ip) => (alone.has(ip) ? "clean" : "failed")),
    );
  });
});

describe("an answer about another value than the only one that was asked for", () => {
  const other = "198.51.100.66";
  const answering = async (summary: object, minPriority: "LOW" | "HIGH"): Promise<string> => {
    await using trustar = await startScriptedTrustar({
      [metadataPath]: metadataWith({ ...known(odd), value: other }),
      "/indicators/summaries": () => ({ body: { items: [{ value: other, ...summary }], hasNext: false } }),
    });
    await using parts = await openSource({ source: { url: trustar.url, minPriority } });
    const { id } = await parts.source.engine.submit(submissionOf("net.ip", odd));
    await ended(parts);
    return conclusion(parts.source.engine.poll(id));
  };

  it("is shown when there is something to show, as it may be TruSTAR's way of writing it", async () => {
    expect(await answering({ severityLevel: 3 }, "LOW")).toBe("hit");
  });

  it("is no proof of innocence", async () => {
    expect(await answering({ severityLevel: 1 }, "HIGH")).toBe("failed");
    expect(await answering({ severityLevel: null }, "LOW")).toBe("failed");
  });
});

describe("values on which TruSTAR fails each time", () => {
  const failsOn =
    (poisons: readonly string[]): Script =>
    (values) =>
      values.some((value) => poisons.includes(value))
        ? { status: 500, body: "" }
        : { body: values.map(known) };
  const retry = { ...fast, maxTimeout: 500 };
  const poisons = ["poison-a.example", "poison-b.example"];
  const summaries = summariesWith(graveSummary(odd));

  it("do not keep another from its hits, though they wait for theirs, and end as failed", async () => {
    await using trustar = await startScriptedTrustar({
      [metadataPath]: failsOn(poisons),
      "/indicators/summaries": summaries,
    });
    const service = { maxRetries: 2, laterRetrySecs: 1 };
    const source = { url: trustar.url, callsPerMinute: 1_000 };
    await using parts = await openSource({ source, service, retry });
    const { engine } = parts.source;
    const bad = [];
    for (const [at, name] of poisons.entries()) {
      bad.push(await engine.submit(submissionOf("net.name", name)));
      await until(() => trustar.asked(metadataPath).length > at);
    }
    const { id } = await engine.submit(submissionOf("net.ip", odd));
    await until(() => engine.running === 2);
    expect(conclusion(engine.poll(id))).toBe("hit");
    const polled = bad.map((one) => [1, 2, 3].map(() => conclusion(engine.poll(one.id))));
    expect(polled).toEqual([1, 2].map(() => ["pending", "pending", "failed"]));
  });

  it("are separated from a hundred that came with them", async () => {
    const ips = Array.from({ length: 98 }, (_, at) => `198.51.100.${at}`);
    await using trustar = await startScriptedTrustar({
      [metadataPath]: failsOn(poisons),
      "/indicators/summaries": summaries,
    });
    const service = { batchWindowMs: 20 };
    const source = { url: trustar.url, callsPerMinute: 1_000 };
    await using parts = await openSource({ source, service, retry });
    const { engine } = parts.source;
    const posts = [...ips.map((ip) => submissionOf("net.ip", ip))];
    posts.splice(10, 0, submissionOf("net.name", poisons[0]!));
    posts.splice(80, 0, submissionOf("net.name", poisons[1]!));
    const posted = await Promise.all(posts.map((post) => engine.submit(post)));
    await until(() => engine.running === 2);
    const ends = posted.map(({ id }) => conclusion(engine.poll(id)));
    expect(ends.filter((end) => end === "hit")).toHaveLength(98);
    expect([ends[10], ends[80]]).toEqual(["pending", "pending"]);
  });
});

it("pages that were read before a failure are not asked for again", async () => {
  const failing = new Set([0, 2]);
  const summaries: Script = (values, page) => {
    if (failing.delete(page)) return { status: 503, body: "" };
    const item = { ...graveSummary(values[0] ?? ""), reportId: `r${page}`, source: { name: `Feed ${page}` } };
    return { body: { items: [item], hasNext: page < 3 } };
  };
  await using trustar = await startScriptedTrustar({
    [metadataPath]: metadataWith(known(odd)),
    "/indicators/summaries": summaries,
  });
  await using parts = await openSource({
    source: { url: trustar.url },
    service: { answerWithinMs: 30_000 },
  });
  const answer = await parts.source.engine.submit(submissionOf("net.ip", odd));
  expect(JSON.stringify(answer).match(/Feed \d/g)).toEqual(["Feed 0", "Feed 1", "Feed 2", "Feed 3"]);
  expect(trustar.pages("/indicators/summaries")).toEqual([0, 0, 1, 2, 2, 3]);
});

describe("more summaries than are kept for one question", () => {
  it.each([
    ["in one page", 150_000, false],
    ["in pages without end", 9_000, true],
  ])("%s fail the one value that has them, and say what to do", async (_how, count, hasNext) => {
    const crowd = Array<object>(count).fill(graveSummary(odd));
    const summaries: Script = (values) =>
      values.includes(odd)
        ? { body: { items: crowd, hasNext } }
        : { body: { items: values.map(graveSummary), hasNext: false } };
    await lookUpAll({ summaries }, (answers) => {
      expect(answers.map(conclusion)).toEqual(["failed", "hit", "clean"]);
      expect(answers[0]).toMatchObject({ error: expect.stringContaining("enclave_ids_for_search") });
    });
  });
});
