import { conclusion, submissionOf, until } from "../support/lookup-fixtures.js";
import { ended, openSource } from "../support/threat-source-fixture.js";
import { SAMPLE_ENCLAVES } from "../support/trustar-simulator/enclaves.js";

const nowhere = "00000000-0000-4000-8000-000000000000";
const readable = SAMPLE_ENCLAVES.filter(({ read }) => read).map(({ id }) => id);
const unheard = submissionOf("net.name", "harmless.example");
const known = submissionOf("net.ip", "203.0.113.7");
const wait = { answerWithinMs: 10_000 };

test("nothing is clean where nothing can be searched, not even the first look-up after the start", async () => {
  await using opened = await openSource({ source: { enclaveIds: [nowhere] }, service: wait });
  const { engine, readings } = opened.source;
  const answer = await engine.submit(unheard);
  expect(answer).toMatchObject({ state: "failed", error: expect.stringMatching(/^none of the configured/) });
  expect(conclusion(engine.poll(answer.id))).toBe("failed");
  expect(readings.cached()).toBe(0);
});

test("while the enclaves can't be listed hits come and misses wait; then they are told", async () => {
  await using opened = await openSource({ source: { enclaveIds: readable } });
  const { source, simulator } = opened;
  simulator.faults.add({ kind: "status", status: 503, endpoint: "/enclaves" });
  const [miss, hit] = await Promise.all([source.engine.submit(unheard), source.engine.submit(known)]);
  await until(() => conclusion(source.engine.poll(hit.id)) === "hit");
  await until(() => (simulator.calls().byEndpoint["GET /enclaves"] ?? 0) > 2);
  expect(conclusion(source.engine.poll(miss.id))).toBe("pending");
  expect(source.engine.trouble).toContain("503");
  simulator.faults.clear();
  await ended(opened);
  expect(conclusion(source.engine.poll(miss.id))).toBe("clean");
});

test("one check serves all who wait, and those who leave do not hold it up", async () => {
  await using opened = await openSource({
    source: { enclaveIds: readable },
    service: { maxRetries: 0, laterRetrySecs: 1 },
  });
  const { source, simulator } = opened;
  simulator.faults.add({ kind: "hang", endpoint: "/enclaves" });
  const given = await source.engine.submit(submissionOf("net.name", "left.example"));
  const kept = await source.engine.submit(unheard);
  await until(() => simulator.calls().byEndpoint["GET /enclaves"] === 1);
  expect(conclusion(source.engine.poll(given.id))).toBe("failed"); // its polls are spent
  simulator.faults.clear();
  expect(conclusion(kept)).toBe("pending");
  expect(source.engine.running).toBe(1);
});

test("an account that may not list its enclaves still looks up, and the log says that nothing was checked", async () => {
  await using opened = await openSource({ source: { enclaveIds: readable }, service: wait });
  opened.simulator.faults.add({ kind: "status", status: 403, endpoint: "/enclaves" });
  expect(conclusion(await opened.source.engine.submit(unheard))).toBe("clean");
  const warnings = opened.capture.lines().map(({ msg }) => msg);
  expect(warnings).toEqual(["the configured enclaves could not be checked against those of the account"]);
});

test("without configured enclaves nothing is listed", async () => {
  await using opened = await openSource({ service: wait });
  expect(conclusion(await opened.source.engine.submit(unheard))).toBe("clean");
  expect(opened.simulator.calls().byEndpoint["GET /enclaves"]).toBeUndefined();
});
