export interface CallCounts {
  readonly total: number;
  /** By "METHOD /path-template", e.g. "POST /indicators/metadata". */
  readonly byEndpoint: Readonly<Record<string, number>>;
  /** By status; "none" counts calls that never got a whole answer. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** Values asked in each call that takes a list, in order of arrival. */
  readonly batchSizes: Readonly<Record<string, readonly number[]>>;
  readonly inFlight: number;
  readonly maxInFlight: number;
}

export interface LoggedRequest {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly endpoint: string;
  readonly query: Readonly<Record<string, string | string[]>>;
  readonly body: string;
  readonly clientType: string | undefined;
  readonly clientVersion: string | undefined;
  readonly clientMetatag: string | undefined;
  readonly traceId: string;
  status: number | "none" | "pending";
}

const KEPT_REQUESTS = 500;

/** Counts every call and keeps the last ones; never a credential. */
export class CallLog {
  #total = 0;
  #inFlight = 0;
  #maxInFlight = 0;
  #byEndpoint = new Map<string, number>();
  #byStatus = new Map<string, number>();
  #batches = new Map<string, number[]>();
  #requests: LoggedRequest[] = [];

  begin(request: LoggedRequest): void {
    this.#total += 1;
    this.#inFlight += 1;
    this.#maxInFlight = Math.max(this.#maxInFlight, this.#inFlight);
    count(this.#byEndpoint, `${request.method} ${request.endpoint}`);
    this.#requests.push(request);
    if (this.#requests.length > 2 * KEPT_REQUESTS) this.#requests = this.#requests.slice(-KEPT_REQUESTS);
  }

  batch(label: string, size: number): void {
    const sizes = this.#batches.get(label);
    if (sizes === undefined) this.#batches.set(label, [size]);
    else sizes.push(size);
  }

  end(request: LoggedRequest, status: number | "none"): void {
    if (request.status !== "pending") return;
    request.status = status;
    this.#inFlight -= 1;
    count(this.#byStatus, String(status));
  }

  counts(): CallCounts {
    return {
      total: this.#total,
      byEndpoint: Object.fromEntries(this.#byEndpoint),
      byStatus: Object.fromEntries(this.#byStatus),
      batchSizes: Object.fromEntries([...this.#batches].map(([label, sizes]) => [label, [...sizes]])),
      inFlight: this.#inFlight,
      maxInFlight: this.#maxInFlight,
    };
  }

  requests(): readonly LoggedRequest[] {
    return this.#requests.slice(-KEPT_REQUESTS);
  }

  /** Calls still under way stay counted as in flight. */
  reset(): void {
    this.#total = 0;
    this.#maxInFlight = this.#inFlight;
    this.#byEndpoint = new Map();
    this.#byStatus = new Map();
    this.#batches = new Map();
    this.#requests = [];
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
