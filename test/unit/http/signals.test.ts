import { getEventListeners } from "node:events";
import { unlessAborted, withSignals } from "../../../services/http/signals.js";
import { UpstreamError } from "../../../src/core/errors.js";

const pending = new Promise<never>(() => undefined);
const listeners = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

describe("waiting for work that others share", () => {
  it("ends with the work", async () => {
    const { signal } = new AbortController();
    expect(await unlessAborted(Promise.resolve(1), signal)).toBe(1);
    await expect(unlessAborted(Promise.reject(new Error("broken")), signal)).rejects.toThrow("broken");
    expect(listeners(signal)).toBe(0);
  });

  it("ends with the caller and leaves the work alone", async () => {
    const controller = new AbortController();
    let finish: (value: string) => void = () => undefined;
    const work = new Promise<string>((resolve) => {
      finish = resolve;
    });
    const leaving = expect(unlessAborted(work, controller.signal)).rejects.toThrow("left");
    const staying = unlessAborted(work, new AbortController().signal);
    controller.abort(new Error("left"));
    await leaving;
    expect(listeners(controller.signal)).toBe(0);
    finish("done");
    expect(await staying).toBe("done");
  });

  it("by a caller who has left already ends at once, and the work's own failure bothers nobody", async () => {
    let fail: (error: Error) => void = () => undefined;
    const work = new Promise<never>((_, reject) => {
      fail = reject;
    });
    let noticed = 0;
    const then = work.then.bind(work);
    work.then = ((...handlers: Parameters<typeof then>) => {
      noticed += 1;
      return then(...handlers);
    }) as typeof work.then;
    await expect(unlessAborted(work, AbortSignal.abort(new Error("left")))).rejects.toThrow("left");
    const handled = noticed > 0;
    void then(undefined, () => undefined); // so that this test itself leaves no unhandled rejection
    fail(new Error("later"));
    expect(handled).toBe(true);
  });

  it("by a caller whose own time is up ends with one of our time-outs", async () => {
    const failure: unknown = await unlessAborted(pending, AbortSignal.timeout(1)).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(UpstreamError);
    expect(failure).toMatchObject({ code: "upstream_timeout", retryable: true });
  });

  it("by many callers at once on one signal is no leak to warn of", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on("warning", note);
    const controller = new AbortController();
    const waiting = Promise.allSettled(
      Array.from({ length: 50 }, () => unlessAborted(pending, controller.signal)),
    );
    expect(listeners(controller.signal)).toBe(50);
    controller.abort(new Error("shutting down"));
    await waiting;
    await new Promise(setImmediate);
    process.off("warning", note);
    expect(warnings).toEqual([]);
  });
});

describe("work on several signals", () => {
  it("ends with any of them, also with one that had fired before", async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const work = withSignals([first.signal, second.signal], (signal) => unlessAborted(pending, signal));
    second.abort(new Error("enough"));
    await expect(work).rejects.toThrow("enough");
    const late = withSignals([second.signal], (signal) => unlessAborted(pending, signal));
    await expect(late).rejects.toThrow("enough");
    expect([first, second].map(({ signal }) => listeners(signal))).toEqual([0, 0]);
  });
});
