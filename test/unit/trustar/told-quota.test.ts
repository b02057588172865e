import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/time.js";
import { toldQuota } from "../../../services/trustar/told-quota.js";
import { quotasAnswer } from "../../../services/trustar/trustar-schema.js";

const nowMs = Date.UTC(2024, 0, 1, 12);
const usual = {
  guid: "44444444-4444-4444-8444-444444444444",
  maxRequests: 1_000,
  usedRequests: 12,
  timeWindow: DAY_MS,
  lastResetTime: nowMs - 12 * HOUR_MS,
  nextResetTime: nowMs + 12 * HOUR_MS,
};
const told = async (answer: unknown) => toldQuota(await quotasAnswer.parseAsync(answer), nowMs);

it("reads what TruSTAR documents", async () => {
  expect(await told([usual])).toEqual({
    maxRequests: 1_000,
    usedRequests: 12,
    resetAtMs: nowMs + 12 * HOUR_MS,
  });
  expect(await told([{ ...usual, timeWindow: null }])).toMatchObject({ maxRequests: 1_000 });
  expect(await told([{ ...usual, usedRequests: 2_000 }])).toMatchObject({ usedRequests: 2_000 });
  expect(await told([])).toBeUndefined();
});

it.each([
  ["no calls at all", { maxRequests: 0 }],
  ["fewer than none", { maxRequests: -1 }],
  ["less used than nothing", { usedRequests: -5 }],
  ["a reset in two days", { nextResetTime: nowMs + 2 * DAY_MS }],
  ["a reset that is no date", { nextResetTime: 9e15 }],
  ["a reset in seconds", { nextResetTime: nowMs / 1_000 }],
  ["a reset that is over", { nextResetTime: nowMs - HOUR_MS }],
  ["a reset that is a text", { nextResetTime: "2024-01-02T00:00:00Z" }],
  ["nothing that can be read", { maxRequests: null }],
])("%s is no quota, and is told as TruSTAR's error", async (_what, odd) => {
  await expect(told([{ ...usual, ...odd }])).rejects.toThrow(
    expect.objectContaining({ code: "upstream_invalid_answer", message: expect.stringContaining("TruSTAR") }),
  );
});

it("names what can't be, so that somebody can ask TruSTAR", async () => {
  await expect(told([{ ...usual, maxRequests: -1 }])).rejects.toThrow(
    `maxRequests -1, usedRequests 12, nextResetTime ${usual.nextResetTime}`,
  );
});

it("a day that has just ended by our clock may go on by TruSTAR's", async () => {
  expect(await told([{ ...usual, nextResetTime: nowMs - MINUTE_MS }])).toMatchObject({
    resetAtMs: nowMs - MINUTE_MS,
  });
});

it("of several daily quotas the one with the least left counts, and what can't be is passed over", async () => {
  const answer = [
    { ...usual, timeWindow: HOUR_MS, usedRequests: 1_000 },
    usual,
    { ...usual, maxRequests: 300, usedRequests: 200 },
    { ...usual, maxRequests: -1 },
    "odd",
  ];
  expect(await told(answer)).toMatchObject({ maxRequests: 300, usedRequests: 200 });
  expect(await told(answer.slice(0, 1))).toMatchObject({ usedRequests: 1_000 });
});
