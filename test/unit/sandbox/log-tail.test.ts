import { LogTail } from "../../sandbox/log-tail.js";

test("a short log is kept whole", () => {
  const log = new LogTail();
  log.add("one\ntw");
  log.add("o\n");
  expect(log.text).toBe("one\ntwo\n");
});

test("of a long one the last whole lines are kept, and no more memory than that", () => {
  const log = new LogTail();
  for (let line = 0; line < 100_000; line += 1) log.add(`line ${line}\n`);
  expect(log.text.length).toBeLessThanOrEqual(64 * 1024);
  expect(log.text).toMatch(/^line \d+\n/);
  expect(log.text.endsWith("line 99998\nline 99999\n")).toBe(true);
});

test("one endless line is cut", () => {
  const log = new LogTail();
  for (let part = 0; part < 1_000; part += 1) log.add("x".repeat(1_000));
  expect(log.text.length).toBe(64 * 1024);
});
