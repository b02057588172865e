import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tempFolder, type TempFolder } from "../support/product.js";

const program = fileURLToPath(new URL("../../dist/src/main.js", import.meta.url));

/** Runs with a standard output that nobody reads any more, as behind `| head -1` when head has gone. */
function runUnread(folder: TempFolder, ...args: string[]): Promise<{ code: number; stderr: string }> {
  const script = 'mkfifo "$1"; exec 3<>"$1" 4>"$1" 3<&-; shift; exec "$@" >&4 4>&-';
  const command = [process.execPath, program, ...args];
  return new Promise((resolve) => {
    execFile(
      "bash",
      ["-c", script, "bash", join(folder.path, "unread"), ...command],
      { cwd: folder.path, env: { PATH: process.env["PATH"] ?? "", HOME: folder.path } },
      (error, _stdout, stderr) => {
        resolve({ code: typeof error?.code === "number" ? error.code : 0, stderr });
      },
    );
  });
}

const config = `[trustar_threat_source]
url = http://127.0.0.1:1
user_api_key = k
user_api_secret = s
`;

test.each([
  ["selftest", ["selftest"]],
  ["selftest --json", ["selftest", "--json"]],
  ["config", ["config", "--update", "app.config"]],
  ["keyring", ["keyring", "--status"]],
  ["customize --export -", ["customize", "--export", "-"]],
  ["help", ["--help"]],
])("%s ends quietly when nobody reads what it says, as other tools do", async (_what, args) => {
  await using folder = await tempFolder();
  await folder.write("app.config", config);
  const { code, stderr } = await runUnread(folder, ...args);
  expect(code).toBe(141);
  expect(stderr).not.toMatch(/EPIPE|Error|^ +at /m);
});
