import { jest } from "@jest/globals";
import { startSeeded } from "../../support/seeded.js";
import { liveThrough, type WorkingDay } from "../../support/working-day.js";

jest.setTimeout(120_000);

const day: WorkingDay = {
  startHour: 13,
  hours: 9,
  artifacts: 5_000,
  bursts: 400,
  known: 0.1,
  shape: [2, 2, 2, 2, 0.2, 2, 2, 2, 2],
};

function middle(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

it("two busy working days in a row are answered whole with the smallest quota, most artifacts within 90 seconds", async () => {
  const seeded = startSeeded("SEED", 1);
  const outcomes = await liveThrough([day, day], { perDay: 300, seeded });
  for (const { answered, failed, waits, callsAtMs } of outcomes) {
    expect({ seed: seeded.seed, answered, failed }).toEqual({
      seed: seeded.seed,
      answered: day.artifacts,
      failed: 0,
    });
    expect(callsAtMs.length).toBeLessThanOrEqual(300);
    expect(middle(waits.map(({ ms }) => ms))).toBeLessThan(90_000);
  }
});

it("a few artifacts a day are answered at once", async () => {
  const few = { ...day, artifacts: 60, bursts: 40, known: 0.5 };
  const [outcome] = await liveThrough([few], { perDay: 300, seeded: startSeeded("SEED", 1) });
  expect(outcome?.answered).toBe(60);
  expect(Math.max(...(outcome?.waits.map(({ ms }) => ms) ?? []))).toBeLessThan(5_000);
});
