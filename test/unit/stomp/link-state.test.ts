import { BrokerRefusedError } from "../../../src/core/errors.js";
import {
  delayFor,
  type LinkEvent,
  type LinkState,
  nextState,
  problemOf,
} from "../../../services/stomp/link-state.js";

const backoff = { firstMs: 1_000, maxMs: 60_000, stableMs: 30_000 };
const refusal = new BrokerRefusedError("broker_credentials_refused", "Check the key.");

function after(state: LinkState, ...events: LinkEvent[]): LinkState {
  return events.reduce((before, event) => nextState(before, event, backoff), state);
}

const idle: LinkState = { phase: "idle" };
const drop = (upMs = 0): LinkEvent => ({ type: "dropped", reason: "gone", upMs, random: 0.999 });

describe("the link", () => {
  it("connects, subscribes and is ready", () => {
    expect(after(idle, { type: "started" })).toEqual({
      phase: "connecting",
      attempt: 1,
      lastReason: undefined,
    });
    expect(after(idle, { type: "started" }, { type: "subscribed" })).toEqual({ phase: "ready", attempt: 1 });
  });

  it("waits longer after each failure, up to the limit", () => {
    const delays: number[] = [];
    let state = after(idle, { type: "started" });
    for (let n = 0; n < 9; n++) {
      state = after(state, drop());
      if (state.phase === "waiting") delays.push(state.delayMs);
      state = after(state, { type: "waited" });
    }
    expect(delays.map((ms) => Math.round(ms / 1_000))).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it("starts again from the first delay after it was good for a while, but not when it flaps", () => {
    const third = after(idle, { type: "started" }, drop(), { type: "waited" }, drop(), { type: "waited" });
    const ready = after(third, { type: "subscribed" });
    expect(after(ready, drop(30_000))).toMatchObject({ phase: "waiting", attempt: 1 });
    expect(after(ready, drop(29_999))).toMatchObject({ phase: "waiting", attempt: 3 });
  });

  it("ends when refused, and nothing brings it back", () => {
    const refused = after(idle, { type: "started" }, { type: "refused", error: refusal });
    expect(refused).toEqual({ phase: "refused", error: refusal });
    expect(after(refused, { type: "waited" }, { type: "subscribed" }, { type: "stopped" })).toBe(refused);
  });

  it("is not built up again while stopping", () => {
    const stopping = after(idle, { type: "started" }, { type: "subscribed" }, { type: "stopping" });
    expect(after(stopping, drop(), { type: "waited" }, { type: "subscribed" })).toEqual({
      phase: "stopping",
    });
    expect(after(stopping, { type: "stopped" })).toEqual({ phase: "stopped" });
  });

  it("may be stopped while it waits", () => {
    expect(after(idle, { type: "started" }, drop(), { type: "stopped" })).toEqual({ phase: "stopped" });
  });
});

describe("what keeps messages from coming", () => {
  it("is nothing when ready, and a sentence otherwise", () => {
    expect(problemOf({ phase: "ready", attempt: 1 })).toBeUndefined();
    expect(problemOf(idle)).toMatch(/not started/);
    expect(problemOf({ phase: "refused", error: refusal })).toBe("Check the key.");
    expect(problemOf({ phase: "stopped" })).toMatch(/closed/);
  });

  it("stays the last failure while the next attempt runs", () => {
    const trying = after(idle, { type: "started" }, drop(), { type: "waited" });
    expect(problemOf(trying)).toBe("gone");
  });
});

it("jitter spreads a delay between half and all of it", () => {
  expect(delayFor(1, backoff, 0)).toBe(500);
  expect(delayFor(1, backoff, 0.999)).toBeLessThanOrEqual(1_000);
  expect(delayFor(40, backoff, 0)).toBe(30_000);
});
