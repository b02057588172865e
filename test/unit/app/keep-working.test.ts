import { keepWorking } from "../../../src/app/keep-working.js";
import { createLogCapture } from "../../support/log-capture.js";

test("a worker that was refused tries again, and says why each time, until it is let in or the program ends", async () => {
  const stop = new AbortController();
  const { log, lines } = createLogCapture();
  let runs = 0;
  const run = (): Promise<void> => {
    runs += 1;
    return runs < 3 ? Promise.reject(new Error(`refused ${runs}`)) : Promise.resolve();
  };
  await keepWorking({ run }, { log, signal: stop.signal, againAfterMs: 1 });
  expect(runs).toBe(3);
  expect(lines().map(({ err }) => (err as Error).message)).toEqual(["refused 1", "refused 2"]);
});

test("the end of the program ends the wait", async () => {
  const stop = new AbortController();
  const { log } = createLogCapture();
  const run = (): Promise<void> => Promise.reject(new Error("refused"));
  const ended = keepWorking({ run }, { log, signal: stop.signal, againAfterMs: 3_600_000 });
  await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  await ended;
});
