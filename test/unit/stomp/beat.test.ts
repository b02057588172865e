import { heartBeatsOf, startBeat } from "../../../services/stomp/beat.js";

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

function beating(wantedMs: number) {
  const time = manualTime();
  const sent: unknown[] = [];
  const socket = { send: (data: unknown) => void sent.push(data) };
  return { time, sent, stop: startBeat(socket, { after: time.after, heartbeatMs: 100 }, wantedMs) };
}

it.each([
  ["as often as we offered", 100, 20],
  ["less often, when the broker wants less", 400, 5],
  ["not at all, when the broker wants none", 0, 0],
])("beats twice per interval %s", (_, wantedMs, beats) => {
  const { time, sent, stop } = beating(wantedMs);
  time.advance(1_000);
  expect(sent).toEqual(Array.from({ length: beats }, () => "\n"));
  stop();
  expect(time.pending()).toBe(0);
});

const mostMs = 2_147_483_647;

it.each([
  ["10000,15000", { sentMs: 10_000, wantedMs: 15_000 }],
  [" 0,0 ", { sentMs: 0, wantedMs: 0 }],
  [undefined, { sentMs: 0, wantedMs: 0 }],
  ["2147483648,99999999999999", { sentMs: mostMs, wantedMs: mostMs }],
  [`0,${"9".repeat(400)}`, { sentMs: 0, wantedMs: mostMs }],
])("the heart-beat %j is cut to what timers can count", (header, beats) => {
  expect(heartBeatsOf(header)).toEqual(beats);
});

it.each([
  "",
  "10",
  "10,",
  "-1,99999999999999",
  "1e3,1e3",
  "0x10,0",
  "1.5,2",
  "1,2,3",
  "1, 2",
  "NaN,Infinity",
])("%j is no heart-beat", (header) => {
  expect(heartBeatsOf(header)).toBeUndefined();
});
