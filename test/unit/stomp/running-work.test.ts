import { RunningWork } from "../../../services/stomp/running-work.js";

/** Timers that fire when the test says so. */
function fakeTimers() {
  const pending: { ms: number; fn: () => void }[] = [];
  return {
    pending,
    after: (ms: number, fn: () => void) => {
      const timer = { ms, fn };
      pending.push(timer);
      return () => {
        if (pending.includes(timer)) pending.splice(pending.indexOf(timer), 1);
      };
    },
  };
}

const tick = () => new Promise((resolve) => setImmediate(resolve));

it("drains at once when nothing runs, and leaves no timer", async () => {
  const { after, pending } = fakeTimers();
  const late: number[] = [];
  await new RunningWork(after).drain(1_000, (unfinished) => late.push(unfinished));
  expect(late).toEqual([]);
  expect(pending).toEqual([]);
});

it("waits for what runs", async () => {
  const { after, pending } = fakeTimers();
  const work = new RunningWork(after);
  let finish: () => void = () => undefined;
  work.add(new Promise<void>((resolve) => (finish = resolve)));
  const drained = work.drain(1_000, () => undefined);
  expect(work.draining).toBe(true);
  await tick();
  expect(pending).toHaveLength(1);
  finish();
  await drained;
  expect(work.signal.aborted).toBe(false);
  expect(pending).toEqual([]);
});

it("tells what is late to stop, and does not wait for what will not hear", async () => {
  const { after, pending } = fakeTimers();
  const work = new RunningWork(after);
  work.add(new Promise(() => undefined));
  const late: number[] = [];
  const drained = work.drain(1_000, (unfinished) => late.push(unfinished));
  pending.shift()?.fn();
  await tick();
  expect(late).toEqual([1]);
  expect(work.signal.reason).toMatchObject({ code: "delivery_lost" });
  pending.shift()?.fn();
  await drained;
});
