import { withoutEnd } from "../../src/core/without-end.js";

/** What can be run: behind it stand its arguments. */
const program =
  /^(.{1,300}?\.(?:exe|com|bat|cmd|ps1|vbs|vbe|jse?|wsf|hta|msi|scr|pif|cpl|dll|sys|jar|py|sh|lnk))(?=["',]?\s)/i;
const arguments_ = /\s(?:--?\w|\w{1,20}:[\\/]|\\\\|[/">|&])/;

/**
 * The file's name alone: a path tells of users and machines, and a command line's arguments of much more.
 * @returns "" when there is none
 */
export function fileNameOf(text: string): string {
  const command = commandOf(text.trim());
  const path = withoutEnd(command, "\\/\"'");
  return path.slice(Math.max(path.lastIndexOf("\\"), path.lastIndexOf("/")) + 1).trim();
}

function commandOf(text: string): string {
  const quoted = /^"([^"]{1,1000})"|^'([^']{1,1000})'(?=\s|$)/.exec(text);
  if (quoted !== null) return quoted[1] ?? quoted[2] ?? "";
  const run = program.exec(text)?.[1];
  if (run !== undefined) return run;
  const at = text.search(arguments_);
  return at === -1 ? text : text.slice(0, at);
}
