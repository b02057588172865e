import { join } from "node:path";

/** `~` and `~/…` as the shell and Python's `expanduser` know them. */
export function expandHome(path: string, home: string): string {
  if (path === "~") return home;
  return /^~[/\\]/.test(path) ? join(home, path.slice(2)) : path;
}
