import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { activemqXml } from "./activemq-xml.js";
import type { BrokerUser } from "./broker-users.js";
import type { ServerCertificate } from "./certificates.js";
import { freePort } from "./free-port.js";

/** Debian's package `activemq`. */
const HOME = "/usr/share/activemq";
const START_WITHIN_MS = 120_000;

export interface ActivemqOptions {
  readonly users: readonly BrokerUser[];
  readonly certificate: ServerCertificate;
}

/** Apache ActiveMQ, what the platform runs inside, in a process and a directory of its own. */
export class Activemq {
  readonly port: number;
  readonly tlsPort: number;
  readonly #directory: string;
  #process: ChildProcess | undefined;

  private constructor(directory: string, port: number, tlsPort: number) {
    this.#directory = directory;
    this.port = port;
    this.tlsPort = tlsPort;
  }

  static async create({ users, certificate }: ActivemqOptions): Promise<Activemq> {
    const directory = await mkdtemp(path.join(tmpdir(), "activemq-"));
    const [port, tlsPort] = [await freePort(), await freePort()];
    const broker = new Activemq(directory, port, tlsPort);
    const conf = path.join(directory, "conf");
    await mkdir(conf);
    const keyStore = await writeKeyStore(conf, certificate);
    await writeFile(
      path.join(conf, "activemq.xml"),
      activemqXml({ directory, port, tlsPort, users, keyStore }),
    );
    return broker;
  }

  /** Resolves when clients are answered. */
  async start(): Promise<void> {
    const base = this.#directory;
    const settings = ["home", "base", "conf", "data", "classpath"].map(
      (name) => `-Dactivemq.${name}=${{ home: HOME, base, data: `${base}/data` }[name] ?? `${base}/conf`}`,
    );
    const quick = ["-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
    const program = ["-jar", `${HOME}/bin/activemq.jar`, "start", `xbean:file:${base}/conf/activemq.xml`];
    const child = spawn("java", [...quick, ...settings, ...program], { stdio: "ignore" });
    this.#process = child;
    child.once("error", () => undefined);
    // A JVM outlives a test run that was cut short.
    const orphaned = () => child.kill("SIGKILL");
    process.once("exit", orphaned);
    child.once("exit", () => process.off("exit", orphaned));
    const deadline = Date.now() + START_WITHIN_MS;
    while (!(await answers(this.port)) || !(await answers(this.tlsPort))) {
      if (child.exitCode !== null || child.pid === undefined) {
        throw new Error("ActiveMQ did not start: is the Debian package activemq installed?");
      }
      if (Date.now() > deadline) throw new Error("ActiveMQ does not answer");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** No good-byes: what is not in its journal is gone. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** The JVM reads no PEM: key and certificate go into a PKCS #12 file. */
async function writeKeyStore(directory: string, { key, cert }: ServerCertificate): Promise<string> {
  const [keyFile, certFile, store] = ["key.pem", "cert.pem", "server.p12"].map((name) =>
    path.join(directory, name),
  );
  if (keyFile === undefined || certFile === undefined || store === undefined) throw new Error("unreachable");
  await writeFile(keyFile, key);
  await writeFile(certFile, cert);
  const from = ["-inkey", keyFile, "-in", certFile, "-name", "server"];
  await promisify(execFile)("openssl", [
    "pkcs12",
    "-export",
    ...from,
    "-out",
    store,
    "-passout",
    "pass:changeit",
  ]);
  return store;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => {
      resolve(true);
      socket.destroy();
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}
