import { connectPlainly, type PlainClient } from "./plain-client.js";
import {
  startTrustarSimulator,
  type TrustarSimulator,
  type TrustarSimulatorOptions,
} from "./start-trustar-simulator.js";

/** Where the clock of a scene stands. */
export const NOON = Date.UTC(2024, 1, 3, 12);

export interface ReportScene extends AsyncDisposable {
  readonly simulator: TrustarSimulator;
  readonly client: PlainClient;
  /** The company's own enclave with all rights. */
  readonly own: string;
  /** The id of an enclave by its name. */
  readonly enclave: (name: string) => string;
  /** The body of a valid submission with some fields changed. */
  readonly report: (changes?: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  /** Submits, lets the extraction end, and gives the id. */
  readonly submit: (report: unknown) => Promise<string>;
}

/** A connected simulator whose clock stands still, so that extraction ends only when the test says so. */
export async function startScene(options: TrustarSimulatorOptions = {}): Promise<ReportScene> {
  const simulator = await startTrustarSimulator({ clock: { now: () => NOON }, ...options });
  const client = await connectPlainly(simulator);
  const enclave = (name: string): string => simulator.enclaves.find((one) => one.name === name)?.id ?? "";
  const own = enclave("Acme private");
  return {
    simulator,
    client,
    own,
    enclave,
    report: (changes) => ({
      title: "Incident 7",
      reportBody: "Seen 203.0.113.9 and bad.example.",
      externalTrackingId: "RESILIENT7",
      enclaveIds: [own],
      ...changes,
    }),
    async submit(report) {
      const { text } = await client.call("POST", "/reports", report);
      simulator.clock.advance(20);
      return text;
    },
    [Symbol.asyncDispose]: () => simulator.close(),
  };
}
