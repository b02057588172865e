import { getEventListeners } from "node:events";
import { jest } from "@jest/globals";
import { DeadlineExceeded, withDeadline } from "../../../services/http/deadline.js";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

/** Work that goes on until its signal ends it. */
function endless(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => {
      reject(signal.reason as Error);
    });
    if (signal.aborted) reject(signal.reason as Error);
  });
}

const listeners = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

describe("work with a deadline", () => {
  it("ends with its result and leaves neither timer nor listener", async () => {
    const { signal } = new AbortController();
    expect(await withDeadline(signal, 1_000, () => Promise.resolve("done"))).toBe("done");
    expect(listeners(signal)).toBe(0);
  });

  it("ends with its own error and leaves neither timer nor listener, also when it throws at once", async () => {
    const { signal } = new AbortController();
    await expect(withDeadline(signal, 1_000, () => Promise.reject(new Error("broken")))).rejects.toThrow(
      "broken",
    );
    const throwing = withDeadline(signal, 1_000, () => {
      throw new Error("at once");
    });
    await expect(throwing).rejects.toThrow("at once");
    expect(listeners(signal)).toBe(0);
  });

  it("is ended when its time is up, however busy it looks", async () => {
    const { signal } = new AbortController();
    const ended = expect(withDeadline(signal, 1_000, endless)).rejects.toThrow(DeadlineExceeded);
    await jest.advanceTimersByTimeAsync(999);
    expect(listeners(signal)).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    await ended;
    expect(listeners(signal)).toBe(0);
  });

  it("is ended with its caller, for the caller's reason", async () => {
    const controller = new AbortController();
    const ended = expect(withDeadline(controller.signal, 1_000, endless)).rejects.toThrow("caller left");
    controller.abort(new Error("caller left"));
    await ended;
    expect(listeners(controller.signal)).toBe(0);
  });

  it("is handed an aborted signal when its caller has left before", async () => {
    const signal = AbortSignal.abort(new Error("caller left"));
    await expect(withDeadline(signal, 1_000, endless)).rejects.toThrow("caller left");
    expect(listeners(signal)).toBe(0);
  });

  it("can run a thousand times on one signal without a trace", async () => {
    const { signal } = new AbortController();
    await Promise.all(
      Array.from({ length: 1_000 }, () => withDeadline(signal, 1_000, () => Promise.resolve())),
    );
    expect(listeners(signal)).toBe(0);
  });
});
