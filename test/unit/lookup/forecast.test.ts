import { QueueForecast, type QueueForecastOptions } from "../../../services/lookup/forecast.js";

/** A queue in which `sent` values have left for their call. */
function build(sent: number, options: Partial<QueueForecastOptions> = {}) {
  const newValues = { asked: 1_000, ahead: (place: number) => Math.max(0, place - sent), heldForMs: 60_000 };
  const knownValues = { asked: 40, ahead: (place: number) => Math.max(0, place - 30), heldForMs: 300_000 };
  const forecast = new QueueForecast({
    newValues,
    knownValues,
    batchSize: 100,
    concurrency: 2,
    waitForCallsMs: () => 0,
    ...options,
  });
  return { forecast };
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
  const { forecast } = build(200, { waitForCallsMs: (calls) => calls * 10_000 });
  forecast.noteCall(100);
  expect(waitMsOf(forecast, [200, 201, 401])).toEqual([100, 10_100, 30_200]);
});

it("tells how much of it are the limits", () => {
  const { forecast } = build(200, { waitForCallsMs: (calls) => calls * 10_000 });
  forecast.noteCall(100);
  expect([200, 201, 401].map((place) => forecast.heldMs(forecast.ahead(place)))).toEqual([0, 10_000, 30_000]);
});

it("is asked again after half of the hold by what gathers more values: a full batch does not, nor what has left", () => {
  const { forecast } = build(750);
  const gathersMs = [750, 751, 950, 951].map((place) => forecast.gathersMs(forecast.ahead(place), undefined));
  expect(gathersMs).toEqual([0, 0, 0, 30_000]);
});

it("knows of the hold of what TruSTAR knows, until it has left", () => {
  const { forecast } = build(1_000);
  expect(forecast.knownPlace()).toBe(41);
  expect([30, 31].map((place) => forecast.gathersMs(0, place))).toEqual([0, 150_000]);
});
