import { setTimeout as sleep } from "node:timers/promises";
import type { Seeded } from "../../support/seeded.js";
import type { Program } from "../arena/program.js";
import { sampleOf, type Sample } from "./artifacts.js";
import { ask, type WireAnswer } from "./asking.js";

/** One artifact on its way through Resilient. */
interface Journey {
  readonly sample: Sample;
  /** From the first answer on. */
  id: string | undefined;
  phase: "to post" | "to poll" | "judged";
  isAsking: boolean;
  /** A verdict, a promise, an honest failure: how often each was heard. */
  readonly heard: { verdicts: number; pending: number; failures: number; silence: number };
}

/** One in so many waiting artifacts asks at a time. */
const again = 5;
/** After a long outage thousands wait. Resilient's pool of threads, too, asks for a few of them at a time. */
const mostAtATime = 20;

/** Artifacts as Resilient sends them: posts, polls, posts again after a 503, and never believes what isn't true. */
export class LookupLoad {
  /** Answers that must not be: in words, with what was asked. */
  readonly wrong: string[] = [];
  readonly #program: Program;
  readonly #random: Seeded;
  readonly #everyMs: number;
  readonly #journeys: Journey[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #next: number;
  #running: Promise<void> | undefined;
  #stop = false;

  /** @param first the number of the first artifact; no two loads on one program share one */
  constructor(program: Program, random: Seeded, first: number, everyMs: number) {
    this.#everyMs = everyMs;
    this.#program = program;
    this.#random = random;
    this.#next = first;
  }

  get posted(): number {
    return this.#journeys.length;
  }

  /** The number of the artifact after the last one. */
  get next(): number {
    return this.#next;
  }

  get totals(): Journey["heard"] {
    const totals = { verdicts: 0, pending: 0, failures: 0, silence: 0 };
    for (const { heard } of this.#journeys) {
      for (const kind of Object.keys(totals) as (keyof typeof totals)[]) totals[kind] += heard[kind];
    }
    return totals;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** No new artifacts; those on their way go on until they are judged. */
  stop(): void {
    this.#stop = true;
  }

  get unjudged(): number {
    return this.#journeys.filter(({ phase }) => phase !== "judged").length;
  }

  /** Resolves when all are judged and the load has stopped. */
  async done(): Promise<void> {
    await this.#running;
  }

  /** Gives up on whatever is on its way. */
  async abandon(): Promise<void> {
    this.#stop = true;
    for (const journey of this.#journeys) journey.phase = "judged";
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stop || this.unjudged > 0) {
      if (!this.#stop) this.#setOut();
      const waiting = this.#journeys.filter(({ phase, isAsking }) => phase !== "judged" && !isAsking);
      const oneIn = Math.max(again, Math.ceil(waiting.length / mostAtATime));
      for (const journey of waiting) {
        if (this.#random.between(1, oneIn) === 1) this.#track(this.#step(journey));
      }
      await sleep(this.#everyMs);
    }
    await Promise.all(this.#underWay);
  }

  /** A new artifact, or one that came before: incidents share indicators. */
  #setOut(): void {
    const known = this.#journeys.length;
    const isOld = known > 0 && this.#random.between(1, 4) === 1;
    const old = this.#journeys[this.#random.between(0, Math.max(0, known - 1))];
    const sample = isOld && old !== undefined ? old.sample : sampleOf(this.#next++);
    const heard = { verdicts: 0, pending: 0, failures: 0, silence: 0 };
    const journey: Journey = { sample, id: undefined, phase: "to post", isAsking: false, heard };
    this.#journeys.push(journey);
    this.#track(this.#step(journey));
  }

  #track(step: Promise<void>): void {
    const tracked = step
      .catch((error: unknown) => {
        this.wrong.push(String(error));
      })
      .finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }

  async #step(journey: Journey): Promise<void> {
    const root = `${this.#program.url}/cts/trustar`;
    const { phase, id, sample } = journey;
    journey.isAsking = true;
    try {
      const answer =
        phase === "to poll" ? await ask(`${root}/${id ?? ""}`) : await ask(root, sample.artifact);
      if (answer === undefined) journey.heard.silence += 1;
      else this.#judge(journey, answer);
    } finally {
      journey.isAsking = false;
    }
  }

  #judge(journey: Journey, answer: WireAnswer): void {
    const { sample, heard } = journey;
    const shown = `${JSON.stringify(sample.artifact)}: ${answer.status} with ${answer.hits.length} hits`;
    if (!sample.isBad && answer.hits.length > 0) this.wrong.push(`false alarm: ${shown}`);
    switch (answer.status) {
      case 200:
        heard.verdicts += 1;
        if (sample.isBad && !isHigh(answer)) this.wrong.push(`false clean: ${shown}`);
        journey.phase = "judged";
        return;
      case 303:
        heard.pending += 1;
        journey.id = answer.id;
        journey.phase = "to poll";
        return;
      case 503:
        heard.failures += 1;
        if (answer.hits.length > 0 || (answer.error ?? "") === "")
          this.wrong.push(`503 without a reason: ${shown}`);
        // Resilient asks again from the beginning.
        journey.phase = "to post";
        return;
      default:
        this.wrong.push(`an answer that silences the artifact: ${shown}`);
        journey.phase = "judged";
    }
  }
}

function isHigh({ hits }: WireAnswer): boolean {
  return hits.some(({ props }) =>
    props.some(({ name, value }) => name === "Priority Level" && value === "HIGH"),
  );
}
