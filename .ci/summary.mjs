/**
 * The end of .ci/run: what failed, by name and with its reason, and the count as the last line, so that both stand in
 * a log that was cut short. Arguments: the folder with jest's results, then the steps that failed.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";

const [folder = "", ...steps] = process.argv.slice(2);
const linesOfReason = 12;

function say(line) {
  process.stdout.write(`${line}\n`);
}

function beginning(text) {
  const lines = stripVTControlCharacters(text).split("\n");
  return lines
    .filter((line) => line.trim() !== "")
    .slice(0, linesOfReason)
    .map((line) => `    ${line}\n`)
    .join("");
}

function resultsIn(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).testResults;
  } catch {
    return []; // It was cut off: its step has failed, and is named as such.
  }
}

const files = readdirSync(folder).flatMap((name) => resultsIn(join(folder, name)));
let passed = 0;
let failed = 0;
for (const { name, message, status, assertionResults } of files) {
  const file = name.replace(`${process.cwd()}/`, "");
  for (const test of assertionResults) {
    if (test.status === "passed") passed += 1;
    else {
      failed += 1;
      const reason =
        test.status === "failed" ? test.failureMessages.join("\n") : `did not run: ${test.status}`;
      say(`FAILED ${file}: ${test.fullName}\n${beginning(reason)}`);
    }
  }
  // A file that could not even be loaded has no tests to name.
  if (status === "failed" && assertionResults.every((test) => test.status === "passed")) {
    failed += 1;
    say(`FAILED ${file}\n${beginning(message)}`);
  }
}
for (const step of steps) say(`FAILED step: ${step}`);
// A step without tests, or one that was cut off, counts by itself.
failed = Math.max(failed, steps.length);
say(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
