import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { launch, freePort, runProgram, serverSign, tempFolder } from "../support/product.js";
import { eventually } from "../support/link-harness.js";
import { startTrustarSimulator } from "../support/trustar-simulator/start-trustar-simulator.js";

const preload = (code: string): Record<string, string> => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}`,
});

/** When the program listens for signals, everything else of it still lies ahead. */
const onceStarted = (code: string): string => `
  const wait = () => { if (process.listenerCount("SIGTERM") === 0) setImmediate(wait); else { ${code} } };
  setImmediate(wait);`;

const commands = [
  ["run"],
  ["run", "--only", "worker"],
  ["selftest"],
  ["selftest", "--json"],
  ["lookup", "203.0.113.7"],
  ["preview", "7"],
  ["customize", "--dry-run"],
  ["customize", "--export", "x.res"],
  ["keyring", "--status"],
  ["config", "--update"],
];

// Faults of this program, made by hand: in the middle of reading a file, outside of everything, and in a promise that
// nothing waits for.
const faults = {
  "thrown at work": `import fs from "node:fs"; import { syncBuiltinESMExports } from "node:module";
    const read = fs.readFileSync;
    fs.readFileSync = (path, ...others) => {
      if (String(path).endsWith("app.config")) throw new TypeError("Invalid\\nURL");
      return read(path, ...others);
    };
    syncBuiltinESMExports();`,
  uncaught: onceStarted(`throw new TypeError("Invalid\\nURL");`),
  unhandled: onceStarted(`Promise.reject(new TypeError("Invalid\\nURL"));`),
};

describe.each(Object.keys(faults) as (keyof typeof faults)[])("a fault, %s", (fault) => {
  test.each(commands)("is told without a stack: %s %s %s", async (...args) => {
    await using folder = await tempFolder();
    const config = await folder.write("app.config", "[trustar_threat_source]\nuser_api_key = k\n");
    const ended = await runProgram(
      [...args.filter(Boolean), ...(args[0] === "config" ? [config] : ["--config", config])],
      preload(faults[fault]),
    );
    const told = ended.stdout + ended.stderr;
    expect(told).not.toMatch(/TypeError|\n\s+at |node:internal|file:\/\//);
    if (fault === "thrown at work") {
      // What reads the file says itself that it can't be read.
      expect([1, 2]).toContain(ended.code);
      expect(told).toMatch(/can't be read \(|report it/);
    } else {
      expect(ended.code).toBe(1);
      expect(ended.stderr).toMatch(
        /^trustar-resilient \w+ has failed: Invalid\nThis is a fault .* report it/m,
      );
    }
  });
});

test("a stack is shown to whoever asks for it", async () => {
  const ended = await runProgram(["selftest"], { ...preload(faults.uncaught), LOGLEVEL: "DEBUG" });
  expect(ended.stderr).toMatch(/^trustar-resilient selftest has failed: Invalid\n/);
  expect(ended.stderr).toMatch(/TypeError: Invalid\nURL\n\s+at /);
});

test("what the system refuses is told as that", async () => {
  const full = onceStarted(
    `throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", syscall: "write" });`,
  );
  const ended = await runProgram(["selftest"], preload(full));
  expect(ended).toMatchObject({ code: 1, stdout: "" });
  expect(ended.stderr).toMatch(/no space left on device, write\nThe system refused that: look at its disk/);
});

test("the service goes on after a fault, and tells of it in its log", async () => {
  await using folder = await tempFolder();
  await using trustar = await startTrustarSimulator();
  const port = await freePort();
  const { key, secret } = trustar.credentials;
  const config = await folder.write(
    "app.config",
    `[webserver]\nport = ${port}\n[trustar_threat_source]\nurl = ${trustar.url}\nuser_api_key = ${key}\nuser_api_secret = ${secret}\n`,
  );
  const code = `process.on("SIGUSR2", () => {
    Promise.reject(new TypeError("a promise"));
    throw new TypeError("a callback");
  });`;
  const args = ["run", "--config", config];
  await using product = await launch({ args, port, sign: serverSign, env: preload(code) });
  process.kill(product.pid, "SIGUSR2");
  await eventually(() => /"a promise"/.test(product.output()) && /"a callback"/.test(product.output()));
  const faulty = product
    .output()
    .split("\n")
    .filter((line) => line.includes('"level":"error"'));
  expect(faulty).toHaveLength(2);
  for (const line of faulty)
    expect(JSON.parse(line)).toMatchObject({ msg: expect.stringMatching(/please report this/) });
  expect((await fetch(`${product.url}/health`)).status).toBe(200);
  expect(await product.terminate()).toBe(0);
});

test("the health check says what is wrong with its address", async () => {
  const program = fileURLToPath(new URL("../../dist/src/health-check.js", import.meta.url));
  for (const env of [
    { HEALTH_URL: "http://[" },
    { HEALTH_URL: "ftp://x" },
    { HEALTH_URL: "x" },
    { HEALTH_PORT: "70000" },
  ]) {
    const child = spawn(process.execPath, [program], { env, stdio: ["ignore", "inherit", "pipe"] });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    expect(await once(child, "close")).toEqual([1, null]);
    expect(said).toBe("HEALTH_URL must be an http or https address, and HEALTH_PORT a port\n");
  }
});
