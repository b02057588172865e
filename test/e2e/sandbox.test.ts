import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { freePort } from "../support/product.js";

const sandbox = fileURLToPath(new URL("../sandbox/sandbox.ts", import.meta.url));

interface Sandbox extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Everything on the screen. */
  output(): string;
  /** Waits until it is there. */
  printed(text: string): Promise<void>;
  /** Exit code and signal. */
  readonly closed: Promise<unknown[]>;
}

function startSandbox(args: readonly string[], env: Record<string, string> = {}): Sandbox {
  // Node alone: no openssl, no Java, nothing of the developer's own environment.
  const child = spawn(process.execPath, ["--import", "tsx", sandbox, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: "", ...env },
  });
  let output = "";
  const closed = once(child, "close");
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
      for (const look of waiting) look();
    });
  }
  return {
    child,
    output: () => output,
    printed: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!output.includes(text)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        void closed.then(() => {
          reject(new Error(`the sandbox ended without ${JSON.stringify(text)}:\n${output}`));
        });
      }),
    closed,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await closed;
    },
  };
}

async function freePorts(): Promise<{ port: string; trustarPort: string; args: string[] }> {
  const [port, trustarPort] = [String(await freePort()), String(await freePort())];
  return { port, trustarPort, args: ["--port", port, "--trustar-port", trustarPort] };
}

const isUp = "Press Ctrl-C";

/** Takes a printed curl command at its word, again while a slow machine says "not yet". */
async function follow(command: string): Promise<unknown> {
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
  const url = words.find((word) => word.startsWith("http")) ?? "";
  const body = words[words.indexOf("-d") + 1];
  const ask = () => fetch(url, words.includes("-d") ? { method: "POST", body: body ?? "" } : {});
  let response = await ask();
  while (response.status === 303) response = await ask();
  expect(response.status).toBe(200);
  return response.json();
}

test("the sandbox tells a whole story, prints three commands that work, and Ctrl-C stops all of it", async () => {
  const { port, trustarPort, args } = await freePorts();
  await using sandbox = startSandbox(args);
  await sandbox.printed("/health\n");
  const screen = sandbox.output();

  const told = (heading: RegExp): string =>
    new RegExp(`${heading.source}.*\n((?:  .*\n)+)`).exec(screen)?.[1] ?? "";
  expect(told(/An analyst opened incident \d+/)).toMatch(/IP Address +203\.0\.113\.7\n/);
  const report = told(/Report RESILIENT\d+ in TruSTAR, enclave "Acme private"/);
  expect(report).toMatch(/Resilient Incident \d+: Phishing/);
  expect(report).toContain("Value: evil.example");
  expect(told(/New artifacts/)).toContain("http://evil.example/invoice.exe");
  const notes = told(/Notes of the incident/);
  expect(notes.match(/Report Submitted Successfully/g)).toHaveLength(1);
  expect(notes).toContain("URL: http://evil.example/invoice.exe");
  const actions = told(/Actions/)
    .trimEnd()
    .split("\n");
  expect(actions[0]).toMatch(/^ {2}complete {2}CaseCreated: Report submitted/);
  expect(actions.every((line) => line.startsWith("  complete  "))).toBe(true);

  const commands = screen.split("\n").filter((line) => line.startsWith("  curl "));
  expect(commands).toHaveLength(3);
  const [hit, miss, health] = await Promise.all(commands.map(follow));
  expect((hit as { hits: unknown[] }).hits.length).toBeGreaterThan(0);
  expect(miss).toMatchObject({ hits: [] });
  expect(health).toMatchObject({ status: "ok" });
  sandbox.child.kill("SIGINT");
  expect(await sandbox.closed).toEqual([0, null]);
  for (const url of [`http://127.0.0.1:${port}/health`, `http://127.0.0.1:${trustarPort}/__calls`]) {
    await expect(fetch(url)).rejects.toThrow();
  }
  // Without --log the product's own lines stay off the screen.
  expect(sandbox.output()).not.toContain('"level"');
}, 120_000);

test("a product that dies takes the sandbox with it, and its last words are shown", async () => {
  const { args } = await freePorts();
  await using sandbox = startSandbox(args);
  await sandbox.printed("/health\n");
  const [, pid] = /\(process (\d+);/.exec(sandbox.output()) ?? [];
  process.kill(Number(pid), "SIGKILL");
  expect(await sandbox.closed).toEqual([1, null]);
  expect(sandbox.output()).toContain("The product ended by itself (SIGKILL). The end of its log:\n{");
  expect(sandbox.output()).toContain('"msg":"the threat service is listening"');
}, 120_000);

test("a product that can't start is shown with its reason", async () => {
  const { args } = await freePorts();
  await using sandbox = startSandbox(args, { REQUESTS_CA_BUNDLE: "/gone.pem" });
  expect(await sandbox.closed).toEqual([1, null]);
  expect(sandbox.output()).toContain("The product ended by itself (exit code 2)");
  expect(sandbox.output()).toContain("environment variable REQUESTS_CA_BUNDLE names /gone.pem");
}, 120_000);

test("--log shows what the product logs; Ctrl-C works before the story is told, too", async () => {
  const { args } = await freePorts();
  await using sandbox = startSandbox([...args, "--log"]);
  await sandbox.printed('"msg":"the threat service is listening"');
  expect(sandbox.output()).not.toContain(isUp);
  sandbox.child.kill("SIGINT");
  expect(await sandbox.closed).toEqual([0, null]);
  expect(sandbox.output()).toContain('"msg":"stopped"');
}, 120_000);

test.each(["--port", "--trustar-port"])(
  "a taken %s is said, with another one to choose",
  async (option) => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const free = String(await freePort());
    const [mine, theirs] = option === "--port" ? [String(port), free] : [free, String(port)];
    await using sandbox = startSandbox(["--port", mine, "--trustar-port", theirs]);
    expect(await sandbox.closed).toEqual([1, null]);
    other.close();
    expect(sandbox.output()).toContain(
      `Port ${port} is taken. Choose another one: npm run sandbox -- ${option} `,
    );
  },
  120_000,
);

test.each([
  [["--port", "9300", "--trustar-port", "9300"], "--port and --trustar-port are both 9300"],
  [["--port", "9001"], "--port and --trustar-port are both 9001"],
  [["--port", "http"], '--port must be a port number from 1 to 65535, not "http"'],
  [["--verbose"], "Unknown option '--verbose'"],
])("%j is refused at once", async (args, text) => {
  await using sandbox = startSandbox(args);
  expect(await sandbox.closed).toEqual([1, null]);
  expect(sandbox.output()).toContain(text);
});
