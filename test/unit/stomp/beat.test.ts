import { startBeat } from "../../../services/stomp/beat.js";

/** Time that moves when told to. */
function manualTime() {
  let nowMs = 0;
  let timers: { readonly at: number; readonly fn: () => void }[] = [];
  return {
    pending: () => timers.length,
    after: (ms: number, fn: () => void) => {
      const timer = { at: nowMs + ms, fn };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance: (ms: number) => {
      for (const until = nowMs + ms; nowMs < until; nowMs++) {
        for (const { fn } of timers.filter(({ at }) => at === nowMs + 1)) fn();
        timers = timers.filter(({ at }) => at > nowMs + 1);
      }
    },
  };
}

function beating(agreed: string | undefined) {
  const time = manualTime();
  const sent: unknown[] = [];
  const socket = { send: (data: unknown) => void sent.push(data) };
  return { time, sent, stop: startBeat(socket, { after: time.after, heartbeatMs: 100 }, agreed) };
}

it.each([
  ["as often as we offered", "100,100", 20],
  ["less often, when the broker wants less", "100,400", 5],
  ["not at all, when the broker wants none", "100,0", 0],
  ["not at all, when the broker says nothing", undefined, 0],
])("beats twice per interval %s", (_, agreed, beats) => {
  const { time, sent, stop } = beating(agreed);
  time.advance(1_000);
  expect(sent).toEqual(Array.from({ length: beats }, () => "\n"));
  stop();
  expect(time.pending()).toBe(0);
});
