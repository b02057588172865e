import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { JournalFile } from "../../../services/lookup/journal-file.js";
import { tempFolder, type TempFolder } from "../../support/product.js";

let folder: TempFolder;
let path: string;
let nowMs: number;
let journal: JournalFile;

beforeEach(async () => {
  folder = await tempFolder();
  path = join(folder.path, "journal");
  nowMs = 0;
  journal = new JournalFile(path, () => nowMs);
  await journal.replace("a\n");
  await journal.append("b\n");
});
afterEach(async () => {
  await journal.close();
  await folder[Symbol.asyncDispose]();
});

it("grows at its end", async () => {
  await journal.append("c\n");
  expect(await readFile(path, "utf8")).toBe("a\nb\nc\n");
});

it.each(["taken away", "put in another's place"])(
  "that was %s is noticed at the first append a tenth of a second later, and mended by the next replacement",
  async (what) => {
    await rename(path, `${path}.away`);
    if (what !== "taken away") await writeFile(path, "somebody else's\n");
    nowMs += 100;
    await expect(journal.append("c\n")).rejects.toThrow();
    await journal.replace("a\nb\nc\n");
    await journal.append("d\n");
    expect(await readFile(path, "utf8")).toBe("a\nb\nc\nd\n");
  },
);

it("is not looked for at every append of a burst", async () => {
  await rm(path);
  nowMs += 99;
  await journal.append("c\n");
  nowMs += 1;
  await expect(journal.append("d\n")).rejects.toThrow(/ENOENT/);
});
