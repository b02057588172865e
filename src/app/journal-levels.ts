import type { DestinationStream } from "pino";

/** pino tells such a stream each line's level before the line. */
const wantsLevels = Symbol.for("pino.metadata");

/** pino's levels, and the priorities of syslog for them. */
const priorities: readonly (readonly [minLevel: number, priority: number])[] = [
  [60, 2],
  [50, 3],
  [40, 4],
  [30, 6],
];
const debugPriority = 7;

/** Puts journald's `<3>` before each line, so that `journalctl -p err` finds errors; journald takes it away again. */
export function withJournalLevels(journal: DestinationStream): DestinationStream {
  const stream = {
    [wantsLevels]: true,
    lastLevel: 30,
    write: (line: string): void => {
      const [, priority = debugPriority] =
        priorities.find(([minLevel]) => stream.lastLevel >= minLevel) ?? [];
      journal.write(`<${priority}>${line}`);
    },
  };
  return stream;
}

/**
 * Whether what is written to this file goes straight to the journal: systemd says so in JOURNAL_STREAM, as device and
 * inode, because whoever redirects our output inherits the variable, too.
 */
export function isJournal(
  journalStream: string | undefined,
  { dev, ino }: { readonly dev: number | bigint; readonly ino: number | bigint },
): boolean {
  return journalStream === `${dev}:${ino}`;
}
