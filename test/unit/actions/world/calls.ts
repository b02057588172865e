/** Counts the calls of the ports and lets a test step in between. */
export interface Calls {
  readonly log: string[];
  count(method: string): number;
  total(prefix: string): number;
  clear(): void;
  /** Called after each call has had its effect; what it throws is what the caller sees. */
  after: (method: string) => void;
  /** Called before a call has its effect. */
  before: (method: string) => Promise<void> | void;
  run<T>(method: string, effect: () => T): Promise<T>;
}

export function createCalls(): Calls {
  const log: string[] = [];
  const calls: Calls = {
    log,
    count: (method) => log.filter((one) => one === method).length,
    total: (prefix) => log.filter((one) => one.startsWith(prefix)).length,
    clear: () => {
      log.length = 0;
    },
    after: () => undefined,
    before: () => undefined,
    run: async (method, effect) => {
      log.push(method);
      await calls.before(method);
      // As on a network, nothing is answered at once.
      await new Promise((resolve) => setImmediate(resolve));
      const result = effect();
      calls.after(method);
      return result;
    },
  };
  return calls;
}
