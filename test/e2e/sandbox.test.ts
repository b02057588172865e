import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { freePort } from "../support/product.js";

const sandbox = fileURLToPath(new URL("../sandbox/sandbox.ts", import.meta.url));

function startSandbox(...args: string[]): {
  child: ChildProcess;
  output: () => string;
  closed: Promise<unknown[]>;
} {
  const child = spawn(process.execPath, ["--import", "tsx", sandbox, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  }
  return { child, output: () => output, closed: once(child, "close") };
}

/** Takes a printed curl command at its word. */
async function follow(command: string): Promise<unknown> {
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
  const url = words.find((word) => word.startsWith("http")) ?? "";
  const body = words[words.indexOf("-d") + 1];
  const response = await fetch(url, words.includes("-d") ? { method: "POST", body: body ?? "" } : {});
  expect(response.status).toBe(200);
  return response.json();
}

test("the sandbox prints three commands that work, and Ctrl-C stops it", async () => {
  const [port, trustarPort] = [await freePort(), await freePort()];
  const { child, output, closed } = startSandbox(
    "--port",
    String(port),
    "--trustar-port",
    String(trustarPort),
  );
  while (!output().includes("/health")) await once(child.stdout!, "data");
  const commands = output()
    .split("\n")
    .filter((line) => line.startsWith("  curl "));
  expect(commands).toHaveLength(3);
  const [hit, miss, health] = await Promise.all(commands.map(follow));
  expect((hit as { hits: unknown[] }).hits.length).toBeGreaterThan(0);
  expect(miss).toMatchObject({ hits: [] });
  expect(health).toMatchObject({ status: "ok" });
  child.kill("SIGINT");
  expect(await closed).toEqual([0, null]);
  await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
});

test.each(["--port", "--trustar-port"])("a taken %s is said, with another one to choose", async (option) => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const free = String(await freePort());
  const [mine, theirs] = option === "--port" ? [String(port), free] : [free, String(port)];
  const { output, closed } = startSandbox("--port", mine, "--trustar-port", theirs);
  expect(await closed).toEqual([1, null]);
  other.close();
  expect(output()).toContain(`Port ${port} is taken. Choose another one: npm run sandbox -- ${option} `);
});
