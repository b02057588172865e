import { getEventListeners } from "node:events";
import { jest } from "@jest/globals";
import { DeadlineExceeded, unlessAborted, withDeadline } from "../../../services/http/deadline.js";

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
});
