import { LookupRuns, type LookupRunsOptions } from "../../../services/lookup/lookup-runs.js";
import { toSubject } from "../../../services/lookup/subject.js";
import { createFakeClock } from "../../support/fake-clock.js";

it("a look-up that its last poll ends as its answer comes has one end, and gives its room back once", async () => {
  const endings: string[] = [];
  const kept: string[] = [];
  const subject = toSubject([{ kind: "URL", value: `http://a.example/${"x".repeat(500)}` }]);
  let release: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    release = resolve;
  });
  const options = {
    examiner: { examine: () => answered },
    store: { forget: () => false, keep: (key: string) => kept.push(key) },
    observer: { ended: (ending: string) => endings.push(ending) },
    clock: createFakeClock(),
    record: () => undefined,
    maxRunning: 10,
    maxWaitingBytes: 600,
    maxRetries: 0,
    firstRetrySecs: 1,
    laterRetrySecs: 1,
  };
  const runs = new LookupRuns(options as unknown as LookupRunsOptions);
  const lookup = runs.start(subject, options.clock.now(), 0);
  expect(runs.hasRoomFor(subject)).toBe(false);
  const polled = answered.then(() => runs.countPoll(lookup));
  release();
  expect(await polled).toBe(false);
  await new Promise(setImmediate);
  expect(endings).toEqual(["failed"]);
  expect(kept).toEqual([]);
  runs.start(subject, options.clock.now(), 0);
  expect(runs.hasRoomFor(subject)).toBe(false);
  runs.close();
});
