import { createHash } from "node:crypto";
import type { ArtifactRecord } from "../../src/core/incident.js";
import { comparable } from "../core/indicator-value.js";
import {
  openEntryMemory,
  readEntryMemory,
  type Entry,
  type EntryMemory,
  type EntryMemoryOptions,
} from "./entry-memory.js";
import type { ReportPlace } from "./external-id.js";
import type { ReportSize } from "./report/report-layout.js";

/** Kinds of notes of which an incident has at most one. */
export type NoteKind = "submission" | "indicators";

export interface SubmittedReport {
  /** TruSTAR's id. */
  readonly reportId: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

export interface TakenSize extends ReportSize {
  /** Characters of the whole report of which no more than this was taken. */
  readonly fullChars: number;
}

export interface WrittenNote {
  readonly noteId: number;
  /** Of the HTML that we wrote last. */
  readonly hash: string;
}

/** A note that is about to be written; it has no id yet. */
export interface PlannedNote {
  /** Of its HTML. */
  readonly hash: string;
  /** Of its words, by which it is known again however the server shows it. */
  readonly words: string;
}

/** What we wrote ourselves: so that it never causes an update, is never written twice, nor again after a deletion. */
export interface OriginLedger {
  isOurArtifact(incidentId: number, artifactId: number): boolean;
  /** Whether we added an artifact of this value once, whatever became of it. */
  hasAdded(incidentId: number, value: string): boolean;
  recordArtifacts(incidentId: number, artifacts: readonly ArtifactRecord[]): Promise<void>;
  isOurNote(incidentId: number, noteId: number): boolean;
  note(incidentId: number, kind: NoteKind): WrittenNote | undefined;
  recordNote(incidentId: number, kind: NoteKind, note: WrittenNote): Promise<void>;
  /** The note that was about to be written, unless it was recorded since: a crash lies between. */
  plannedNote(incidentId: number, kind: NoteKind): PlannedNote | undefined;
  recordPlannedNote(incidentId: number, kind: NoteKind, note: PlannedNote): Promise<void>;
  /** How much TruSTAR took in this report when it would not take all of it. */
  reportSize(place: ReportPlace): TakenSize | undefined;
  recordReportSize(place: ReportPlace, size: TakenSize): Promise<void>;
  /** The last submission to this enclave under this external id, unless its report was deleted since. */
  submitted(place: ReportPlace): SubmittedReport | undefined;
  recordSubmitted(place: ReportPlace, report: SubmittedReport): Promise<void>;
  forgetSubmitted(place: ReportPlace): Promise<void>;
  /** Whether CaseCreated should have submitted this incident to these enclaves and could not, or not everywhere. */
  isOwed(incidentId: number, enclaveIds: readonly string[]): boolean;
  /** @param enclaveId one of the account that owes it; absent while it is not known which does */
  recordOwed(incidentId: number, enclaveId?: string): Promise<void>;
  settleOwed(incidentId: number): Promise<void>;
  close(): Promise<void>;
}

export async function openOriginLedger(options: EntryMemoryOptions): Promise<OriginLedger> {
  return new Ledger(await openEntryMemory(options));
}

/** What the ledger holds now; nothing is ever written, so the file may be another program's. */
export async function readOriginLedger(options: EntryMemoryOptions): Promise<OriginLedger> {
  return new Ledger(await readEntryMemory(options));
}

export function contentHash(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 22);
}

class Ledger implements OriginLedger {
  readonly #entries: EntryMemory;

  constructor(entries: EntryMemory) {
    this.#entries = entries;
  }

  isOurArtifact(incidentId: number, artifactId: number): boolean {
    return this.#entries.get(artifactKey(incidentId, artifactId)) !== undefined;
  }

  hasAdded(incidentId: number, value: string): boolean {
    return this.#entries.get(valueKey(incidentId, value)) !== undefined;
  }

  recordArtifacts(incidentId: number, artifacts: readonly ArtifactRecord[]): Promise<void> {
    return this.#record(
      artifacts.flatMap(({ id, value }) => [
        { key: artifactKey(incidentId, id), value: "1" },
        { key: valueKey(incidentId, value), value: "1" },
      ]),
    );
  }

  isOurNote(incidentId: number, noteId: number): boolean {
    const kinds: readonly NoteKind[] = ["submission", "indicators"];
    return kinds.some((kind) => this.note(incidentId, kind)?.noteId === noteId);
  }

  note(incidentId: number, kind: NoteKind): WrittenNote | undefined {
    const [noteId, hash] = this.#entries.get(noteKey(incidentId, kind))?.split(" ") ?? [];
    return noteId === undefined || hash === undefined ? undefined : { noteId: Number(noteId), hash };
  }

  recordNote(incidentId: number, kind: NoteKind, { noteId, hash }: WrittenNote): Promise<void> {
    const isPlanned = this.plannedNote(incidentId, kind) !== undefined;
    return this.#record([
      { key: noteKey(incidentId, kind), value: `${noteId} ${hash}` },
      ...(isPlanned ? [{ key: plannedKey(incidentId, kind), value: "" }] : []),
    ]);
  }

  plannedNote(incidentId: number, kind: NoteKind): PlannedNote | undefined {
    const [hash, words] = this.#entries.get(plannedKey(incidentId, kind))?.split(" ") ?? [];
    return hash === undefined || words === undefined ? undefined : { hash, words };
  }

  recordPlannedNote(incidentId: number, kind: NoteKind, { hash, words }: PlannedNote): Promise<void> {
    return this.#record([{ key: plannedKey(incidentId, kind), value: `${hash} ${words}` }]);
  }

  reportSize(place: ReportPlace): TakenSize | undefined {
    const numbers = this.#entries.get(sizeKey(place))?.split(" ").map(Number) ?? [];
    // A line of 2.0.0 says how long all texts without the artifacts were, instead of the whole; without bound is both.
    const [artifacts, textChars, fullChars, chars = textChars === Infinity ? textChars : undefined] = numbers;
    return artifacts === undefined || fullChars === undefined || chars === undefined
      ? undefined
      : { artifacts, chars, fullChars };
  }

  recordReportSize(place: ReportPlace, { artifacts, chars, fullChars }: TakenSize): Promise<void> {
    return this.#record([{ key: sizeKey(place), value: `${artifacts} Infinity ${fullChars} ${chars}` }]);
  }

  submitted(place: ReportPlace): SubmittedReport | undefined {
    const [atMs, reportId] = this.#entries.get(reportKey(place))?.split(" ") ?? [];
    return reportId === undefined ? undefined : { reportId, atMs: Number(atMs) };
  }

  recordSubmitted(place: ReportPlace, { reportId, atMs }: SubmittedReport): Promise<void> {
    return this.#record([{ key: reportKey(place), value: `${atMs} ${reportId}` }]);
  }

  forgetSubmitted(place: ReportPlace): Promise<void> {
    return this.#record([{ key: reportKey(place), value: "" }]);
  }

  isOwed(incidentId: number, enclaveIds: readonly string[]): boolean {
    const owed = this.#entries.get(owedKey(incidentId)) ?? "";
    return owed === owedBySomebody || enclaveIds.includes(owed);
  }

  async recordOwed(incidentId: number, enclaveId: string = owedBySomebody): Promise<void> {
    await this.#record([{ key: owedKey(incidentId), value: enclaveId }]);
  }

  async settleOwed(incidentId: number): Promise<void> {
    const owed = this.#entries.get(owedKey(incidentId)) ?? "";
    if (owed !== "") await this.#record([{ key: owedKey(incidentId), value: "" }]);
  }

  close(): Promise<void> {
    return this.#entries.close();
  }

  #record(entries: readonly Entry[]): Promise<void> {
    return this.#entries.record(entries);
  }
}

const artifactKey = (incidentId: number, artifactId: number): string =>
  `artifact ${incidentId} ${artifactId}`;
const valueKey = (incidentId: number, value: string): string =>
  `value ${incidentId} ${contentHash(comparable(value))}`;
const noteKey = (incidentId: number, kind: NoteKind): string => `note ${incidentId} ${kind}`;
const plannedKey = (incidentId: number, kind: NoteKind): string => `planned ${incidentId} ${kind}`;
// An enclave belongs to one company, and its id stays when an account's section gets another name. Lines of an earlier
// version name no enclave; nobody asks for them any more.
const sizeKey = ({ enclaveId, externalId }: ReportPlace): string => `limit ${enclaveId} ${externalId}`;
const reportKey = ({ enclaveId, externalId }: ReportPlace): string => `report ${enclaveId} ${externalId}`;
const owedKey = (incidentId: number): string => `owed ${incidentId}`;
const owedBySomebody = "1";
