import { QueueForecast, type QueueForecastOptions } from "../../../services/lookup/forecast.js";

/** A queue in which `sent` values have left for their call. */
function build(sent: number, options: Partial<QueueForecastOptions> = {}) {
  const queue = { asked: 1_000, ahead: (place: number) => Math.max(0, place - sent) };
  const forecast = new QueueForecast({
    queue,
    batchSize: 100,
    concurrency: 2,
    waitForCallsMs: () => 0,
    paceMs: () => 0,
    ...options,
  });
  return { forecast, queue };
}

const waitMsOf = (forecast: QueueForecast, places: readonly number[]): readonly number[] =>
  places.map((place) => forecast.waitMs(forecast.ahead(place)));

it("is a call's time for what has left, and more the farther back a value stands", () => {
  const { forecast } = build(200);
  forecast.noteCall(100);
  expect(waitMsOf(forecast, [1, 200, 201, 400, 401, 1_000])).toEqual([100, 100, 100, 100, 200, 400]);
  expect(forecast.place()).toBe(1_000);
});

it("knows how long TruSTAR takes from its calls, the newest above all; the first says more than a guess", () => {
  const { forecast } = build(0);
  expect(forecast.waitMs(1)).toBe(500);
  forecast.noteCall(80);
  expect(forecast.waitMs(1)).toBe(80);
  for (let call = 0; call < 20; call += 1) forecast.noteCall(2_000);
  expect(forecast.waitMs(1)).toBeGreaterThan(1_900);
  for (let call = 0; call < 20; call += 1) forecast.noteCall(100);
  expect(forecast.waitMs(1)).toBeLessThan(110);
});

it("adds what the limits hold back: of the calls that have not left alone", () => {
  const { forecast } = build(200, { waitForCallsMs: (calls) => calls * 10_000, paceMs: () => 5_000 });
  forecast.noteCall(100);
  expect(waitMsOf(forecast, [200, 201, 401])).toEqual([100, 10_100, 30_200]);
});

it("tells how much of it are the limits", () => {
  const { forecast } = build(200, { waitForCallsMs: (calls) => calls * 10_000, paceMs: () => 5_000 });
  forecast.noteCall(100);
  expect([200, 201, 401].map((place) => forecast.heldMs(forecast.ahead(place)))).toEqual([0, 10_000, 30_000]);
});

it("adds the pace of a quota that is nearly spent, for what has not left and is not in a full batch", () => {
  const { forecast } = build(750, { paceMs: () => 60_000 });
  forecast.noteCall(100);
  expect(waitMsOf(forecast, [750, 751, 950, 951])).toEqual([100, 100, 100, 60_200]);
});
