/** One request as the server saw it. */
export interface CallRecord {
  readonly method: string;
  /** Without prefix, org and query; ids are `:id`. */
  readonly route: string;
  readonly path: string;
  readonly query: string;
  /** Context token, if any. */
  readonly token: string | undefined;
  /** 0 while there is no answer. */
  status: number;
}

export class Calls {
  #all: CallRecord[] = [];

  get all(): readonly CallRecord[] {
    return this.#all;
  }

  add(method: string, url: string, token: string | undefined): CallRecord {
    const [path = "", query = ""] = url.split("?", 2);
    const short = path.replace(/^.*?\/rest(?:\/orgs\/\d+)?/, "");
    const route = short === "" ? "/" : short.replace(/\/\d+(?=\/|$)/g, "/:id");
    const record: CallRecord = { method, route, path, query, token, status: 0 };
    this.#all.push(record);
    return record;
  }

  /** How often, by "METHOD /route". */
  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { method, route } of this.#all) {
      const key = `${method} ${route}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
    return counts;
  }

  count(method: string, route: string): number {
    return this.counts()[`${method} ${route}`] ?? 0;
  }

  clear(): void {
    this.#all = [];
  }
}
