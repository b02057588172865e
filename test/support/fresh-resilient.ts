import type { ResilientClient } from "../../services/resilient/resilient-client.js";
import { aClient } from "./resilient-fixture.js";
import {
  startResilientSimulator,
  type ResilientSimulator,
} from "./resilient-simulator/resilient-simulator.js";

/** A Resilient and a client of it, both new. */
export interface FreshResilient {
  readonly simulator: ResilientSimulator;
  readonly client: ResilientClient & Disposable;
}

/** Before each test of the file, closed after it. */
export function beforeEachResilient(take: (fresh: FreshResilient) => void): void {
  let fresh: FreshResilient;
  beforeEach(async () => {
    const simulator = await startResilientSimulator();
    fresh = { simulator, client: aClient(simulator) };
    take(fresh);
  });
  afterEach(async () => {
    fresh.client.close();
    await fresh.simulator.close();
  });
}
