import { setTimeout as sleep } from "node:timers/promises";
import type { Seeded } from "../../support/seeded.js";
import type { Soar } from "../../support/soar.js";

const nonsense: readonly unknown[] = [
  "{",
  "",
  "null",
  "[1,2]",
  { action_id: "x" },
  Buffer.from([0xff, 0xfe]),
];

/** Analysts at work: incidents, changes, clicks, workflow functions; and now and then a message that no platform sends. */
export class ActionLoad {
  /** Incidents that were opened. */
  readonly incidents: number[] = [];
  /** Correlation ids of the messages that aren't Resilient's. */
  readonly strangers: string[] = [];
  readonly #soar: Soar;
  readonly #random: Seeded;
  readonly #everyMs: number;
  #running: Promise<void> | undefined;
  #stop = false;

  constructor(soar: Soar, random: Seeded, everyMs: number) {
    this.#everyMs = everyMs;
    this.#soar = soar;
    this.#random = random;
  }

  /** Begins with one of each message that no platform sends. */
  start(): void {
    for (const body of nonsense) this.#post(body);
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stop) {
      this.#work();
      await sleep(this.#everyMs);
    }
  }

  #work(): void {
    const { resilient } = this.#soar;
    const id = this.incidents[this.#random.between(0, Math.max(0, this.incidents.length - 1))];
    if (id === undefined || this.#random.between(1, 3) === 1) {
      this.#openIncident();
      return;
    }
    switch (this.#random.between(1, 5)) {
      case 1:
        resilient.invokeRule("Send To TruSTAR", id);
        return;
      case 2:
        resilient.updateIncident(id, { description: `Seen again, ${this.#random.between(1, 1_000)}` });
        return;
      case 3:
        resilient.invokeFunction("submit_report_to_trustar", { trustar_incident_id: id });
        return;
      case 4:
        resilient.invokeFunction("get_correlated_indicators_from_trustar", { trustar_incident_id: id });
        return;
      default:
        this.#post(nonsense[this.#random.between(0, nonsense.length - 1)]);
    }
  }

  #openIncident(): void {
    const n = this.incidents.length;
    const artifact = (value: string) => ({ type: { name: "IP Address" }, value, description: "" });
    const artifacts = [artifact("203.0.113.50"), artifact(`192.0.2.${n % 250}`)];
    const workspace = this.#random.between(1, 2);
    this.incidents.push(
      this.#soar.resilient.createIncident({ name: `Case ${n}`, workspace, artifacts }).dto.id,
    );
  }

  #post(body: unknown): void {
    const correlationId = `stranger:${this.#random.between(1, 2 ** 31 - 1)}`;
    this.strangers.push(correlationId);
    void this.#soar.post({ body, correlationId });
  }
}
