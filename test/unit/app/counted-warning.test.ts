import { jest } from "@jest/globals";
import { createCountedWarning } from "../../../src/app/counted-warning.js";
import { createLogCapture } from "../../support/log-capture.js";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

it("tells the first at once, then once a minute how many there were, down to the last", () => {
  const capture = createLogCapture();
  const warn = createCountedWarning(capture.log, "odd");
  warn(1);
  warn(2);
  jest.advanceTimersByTime(59_999);
  warn(3);
  expect(capture.lines()).toMatchObject([{ count: 1, msg: "odd" }]);
  jest.advanceTimersByTime(1);
  warn(4);
  expect(capture.lines()).toMatchObject([{ count: 1 }, { count: 5 }]);
  jest.advanceTimersByTime(120_000);
  warn(6);
  expect(capture.lines()).toMatchObject([{ count: 1 }, { count: 5 }, { count: 4 }, { count: 6 }]);
});

it("is not silenced by a clock that is set back", () => {
  const capture = createLogCapture();
  const warn = createCountedWarning(capture.log, "odd");
  warn(1);
  jest.setSystemTime(Date.now() - 3 * 86_400_000);
  jest.advanceTimersByTime(60_000);
  warn(1);
  expect(capture.lines()).toHaveLength(2);
});
