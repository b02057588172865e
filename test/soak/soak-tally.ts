import { MINUTE_MS } from "../../src/core/time.js";
import type { Size } from "../faults/arena/program.js";
import type { Lever } from "../faults/levers/lever.js";
import type { Aftermath } from "../faults/spell.js";

export interface SoakRound {
  /** Since the soak began. */
  readonly atMs: number;
  readonly levers: readonly Lever[];
  readonly aftermath: Aftermath;
  readonly found: readonly string[];
  readonly size: Size;
  /** Megabytes that it really held, see HeapWatch. */
  readonly heapMb: number;
  readonly mayRestart: boolean;
}

/** What a soak has seen so far. */
export class SoakTally {
  readonly #rounds: SoakRound[] = [];

  add(round: SoakRound): void {
    this.#rounds.push(round);
  }

  get found(): readonly string[] {
    return this.#rounds.flatMap(({ found }) => found);
  }

  lastRound(): string {
    const round = this.#rounds.at(-1);
    if (round === undefined) return "";
    const { levers, aftermath, found, size, heapMb, atMs } = round;
    const missed = (name: string): string => (aftermath.met.includes(name) ? "" : " (not met)");
    const broke = levers.map(({ name }) => name + missed(name)).join("; ") || "nothing broke";
    const state = `${size.residentMb.toFixed(0)} MB, heap ${heapMb.toFixed(0)} MB, ${size.sockets} sockets, ${size.files} files`;
    const minutes = (atMs / MINUTE_MS).toFixed(1);
    return `${minutes} min: ${aftermath.lookups.posted} artifacts; ${broke}; ${state}${found.map((one) => `\n  WRONG ${one}`).join("")}`;
  }

  summary(): readonly string[] {
    const last = this.#rounds.at(-1);
    if (last === undefined) return ["no round was finished"];
    const sum = (of: (round: SoakRound) => number): number =>
      this.#rounds.reduce((total, round) => total + of(round), 0);
    const artifacts = sum(({ aftermath }) => aftermath.lookups.posted);
    const heard = (kind: "verdicts" | "pending" | "failures" | "silence"): number =>
      sum(({ aftermath }) => aftermath.lookups.totals[kind]);
    const oneProcess = this.#rounds.filter(({ mayRestart }) => !mayRestart);
    const memory = (of: (round: SoakRound) => number): string =>
      oneProcess.map((round) => of(round).toFixed(0)).join(" ");
    return [
      `${(last.atMs / MINUTE_MS).toFixed(1)} minutes, ${this.#rounds.length} rounds, ${sum(({ aftermath }) => aftermath.met.length)} faults met of ${sum(({ levers }) => levers.length)}`,
      `${artifacts} artifacts (${((artifacts / last.atMs) * 1_000).toFixed(1)} a second over all, settling included): ` +
        `${heard("verdicts")} verdicts, ${heard("pending")} times "come back", ${heard("failures")} times 503, ${heard("silence")} times nobody there`,
      `${sum(({ aftermath }) => aftermath.actions.incidents.length)} incidents`,
      `memory of the one process, round by round: ${memory(({ size }) => size.residentMb)} MB`,
      `heap of the one process, round by round: ${memory(({ heapMb }) => heapMb)} MB`,
      `${this.found.length} findings`,
    ];
  }
}
