import { jest } from "@jest/globals";
import { RunningLookup } from "../../../services/lookup/running-lookup.js";
import { toSubject } from "../../../services/lookup/subject.js";
import { WaitingRoom } from "../../../services/lookup/waiting-room.js";
import { createFakeClock } from "../../support/fake-clock.js";

const lookupOf = (value: string): RunningLookup =>
  new RunningLookup(toSubject([{ kind: "IP", value }]), 0, 0);

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

it("keeps whoever waits for the same look-up as another until its own time is over, or a burst comes", async () => {
  const room = new WaitingRoom(createFakeClock());
  const shared = lookupOf("203.0.113.7");
  const first = room.wait(shared, 100);
  await jest.advanceTimersByTimeAsync(60);
  const second = room.wait(shared, 100);
  await jest.advanceTimersByTimeAsync(50);
  await first;
  expect(room.isEmpty).toBe(false);
  const others = Array.from({ length: 6 }, (_, at) => room.wait(lookupOf(`198.51.100.${at}`), 100));
  expect(room.isEmpty).toBe(false);
  await room.wait(lookupOf("203.0.113.8"), 100);
  await Promise.all([second, ...others]);
  expect([room.isEmpty, jest.getTimerCount()]).toEqual([true, 0]);
});
