import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import net from "node:net";

/** A way to `target` that takes a second to connect, the first time. */
export interface SlowDoor extends AsyncDisposable {
  readonly port: number;
  /** Resolves when somebody has knocked and was let in late. */
  readonly knocked: Promise<void>;
}

const backlog = 1;

// In a process of its own, which can be stopped: then the system takes as many connections as the backlog allows, and
// drops what else knocks, which knocks again after a second.
const forwarder = `
  const net = require("node:net");
  const server = net.createServer((client) => {
    const target = net.connect(Number(process.argv[1]), "127.0.0.1");
    client.pipe(target).pipe(client);
    for (const [one, other] of [[client, target], [target, client]])
      one.on("error", () => {}).on("close", () => other.destroy());
  });
  server.listen({ host: "127.0.0.1", port: 0, backlog: ${backlog} }, () => console.log(server.address().port));
`;

export async function openSlowDoor(target: number): Promise<SlowDoor> {
  const child = spawn(process.execPath, ["-e", forwarder, String(target)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const port = Number(line.toString());
  child.kill("SIGSTOP");
  const fillers = Array.from({ length: backlog + 1 }, () => net.connect(port, "127.0.0.1"));
  await Promise.all(fillers.map((filler) => once(filler, "connect")));
  const closing = new AbortController();
  const knocked = (async () => {
    while (!closing.signal.aborted && !(await isKnocking(port))) await new Promise(setImmediate);
    for (const filler of fillers) filler.destroy();
    child.kill("SIGCONT");
  })();
  return {
    port,
    knocked,
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await knocked;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** Whether a connection to that port is being opened (SYN_SENT). */
async function isKnocking(port: number): Promise<boolean> {
  const peer = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")} 02 `;
  return (await readFile("/proc/net/tcp", "latin1")).includes(peer);
}
