import { HOUR_MS, SECOND_MS } from "../../../src/core/time.js";
import { startSeeded } from "../../support/seeded.js";
import { liveThrough, type DayOutcome, type WorkingDay } from "../../support/working-day.js";
import { median, type Measure } from "../measure.js";
import type { Row } from "../row.js";

const perDay = 300;
const artifacts = 5_000;
const startHour = 8;
const usual = { startHour, hours: 9, artifacts, bursts: 400, known: 0.1 };
/** Even, with a lunch break, with most work in the morning or in the afternoon, and with one very large burst. */
const shapes: readonly Pick<WorkingDay, "shape" | "giant">[] = [
  { shape: [1] },
  { shape: [2, 2, 2, 2, 0.2, 2, 2, 2, 2] },
  { shape: [3, 3, 2, 2, 1, 1, 1, 1, 1] },
  { shape: [1, 1, 1, 1, 1, 2, 2, 3, 3] },
  { shape: [1], giant: 1_500 },
];

/** A day's work with the smallest quota that TruSTAR sells: two days in a row of each shape, by a clock that runs faster. */
export const day: Row = {
  name: "day",
  measure: async ({ quick }) => {
    const seeded = startSeeded();
    const outcomes: DayOutcome[] = [];
    for (const shape of shapes.slice(0, quick ? 1 : undefined)) {
      const oneDay = { ...usual, ...shape };
      outcomes.push(...(await liveThrough([oneDay, oneDay], { perDay, seeded })));
    }
    return measuresOf(outcomes);
  },
};

function measuresOf(outcomes: readonly DayOutcome[]): readonly Measure[] {
  const row = `a day of 5,000 artifacts in 400 bursts, ${perDay} calls`;
  const early = ({ waits }: DayOutcome): typeof waits =>
    waits.filter(({ atMs }) => atMs < (startHour + 2) * HOUR_MS);
  const halfWaitSecs = (waits: DayOutcome["waits"]): number => median(waits.map(({ ms }) => ms)) / SECOND_MS;
  return [
    {
      row,
      what: "answered",
      unit: "",
      runs: outcomes.map(({ answered }) => answered),
      target: { of: "median", atLeast: artifacts },
    },
    {
      row,
      what: "ended as 503, all days together",
      unit: "",
      runs: [outcomes.reduce((sum, { failed }) => sum + failed, 0)],
      target: { of: "median", atMost: 0 },
    },
    { row, what: "upstream calls", unit: "", runs: outcomes.map(({ callsAtMs }) => callsAtMs.length) },
    {
      row,
      what: "p50 of the wait, polled as `retry_secs` says",
      unit: "s",
      runs: outcomes.map(({ waits }) => halfWaitSecs(waits)),
      target: { of: "median", atMost: 90 },
    },
    {
      row,
      what: "the same in the first two hours",
      unit: "s",
      runs: outcomes.map((outcome) => halfWaitSecs(early(outcome))),
    },
  ];
}
