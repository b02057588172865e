import { isJournal, withJournalLevels } from "../../../src/app/journal-levels.js";
import { createLogger } from "../../../src/app/logger.js";

it("puts syslog's priority before each line, also of child loggers", () => {
  const written: string[] = [];
  const log = createLogger("debug", withJournalLevels({ write: (line) => void written.push(line) }));
  log.fatal("f");
  log.error("e");
  log.child({ name: "http" }).warn("w");
  log.info("i");
  log.debug("d");
  expect(written.map((line) => line.slice(0, 4))).toEqual(["<2>{", "<3>{", "<4>{", "<6>{", "<7>{"]);
  expect(written.map((line) => (JSON.parse(line.slice(3)) as { msg: string }).msg)).toEqual([
    "f",
    "e",
    "w",
    "i",
    "d",
  ]);
  expect(written.every((line) => line.endsWith("}\n"))).toBe(true);
});

it.each([
  ["8:1234", true],
  ["8:12345", false],
  ["", false],
  [undefined, false],
])("JOURNAL_STREAM = %s is ours: %s", (variable, expected) => {
  expect(isJournal(variable, { dev: 8, ino: 1234 })).toBe(expected);
});
