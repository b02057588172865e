import { createCountedWarning } from "../../../src/app/counted-warning.js";
import { createFakeClock } from "../../support/fake-clock.js";
import { createLogCapture } from "../../support/log-capture.js";

it("tells the first at once, then once a minute, and counts what it has not told", () => {
  const capture = createLogCapture();
  const clock = createFakeClock();
  const warn = createCountedWarning(capture.log, clock, "odd");
  warn(1);
  warn(2);
  clock.advance(59_999);
  warn(3);
  clock.advance(1);
  warn(4);
  expect(capture.lines()).toMatchObject([
    { count: 1, msg: "odd" },
    { count: 9, msg: "odd" },
  ]);
});
