import { percentDecoded } from "./spelling.js";

/** What can be run: behind it stand its arguments. */
const program =
  /^(.{1,300}?\.(?:exe|com|bat|cmd|ps1|vbs|vbe|jse?|wsf|hta|msi|scr|pif|cpl|dll|sys|jar|py|sh|lnk))(?=["',]?\s)/i;
const argument = /\s(?:--?\w|\w{1,20}:[\\/]|\\\\|[/">|&])/;

/** A file's name may be `Report.py 2.docx`. */
const surelyArguments = /\s["']?[-/]{1,2}\w|\\\\|\s["']?\w:\\/;

/**
 * The file's name alone: a path tells of users and machines.
 * @returns "" when there is none, as of `\\\\srv01`
 */
export function fileNameOf(text: string): string {
  const run = program.exec(text)?.[1];
  if (run !== undefined && surelyArguments.test(text.slice(run.length))) return fileNameOf(run);
  const path = (/%5c|%2f/i.test(text) ? percentDecoded(text) : text).trim().replace(/["']$/, "");
  if (/^[\\/]{2}[^\\/]*$/.test(path)) return "";
  return path.slice(Math.max(path.lastIndexOf("\\"), path.lastIndexOf("/")) + 1).trim();
}

/** Of a command line the program: its arguments tell of much more than its path. */
export function programOf(commandLine: string): string {
  const text = commandLine.trim();
  const quoted = /^"([^"]{1,1000})"|^'([^']{1,1000})'(?=\s|$)/.exec(text);
  if (quoted !== null) return fileNameOf(quoted[1] ?? quoted[2] ?? "");
  const run = program.exec(text)?.[1];
  if (run !== undefined) return fileNameOf(run);
  // `net user jo …` tells of people; the name of a process has seldom a blank.
  if (/\s/.test(text) && !/[\\/]|\.\w{2,4}$/.test(text)) return text.split(/\s/, 1)[0] ?? "";
  const at = text.search(argument);
  return fileNameOf(at === -1 ? text : text.slice(0, at));
}
