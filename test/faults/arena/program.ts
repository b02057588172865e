import { readdir, readFile, readlink } from "node:fs/promises";
import { launch, serverSign, type Launch, type Product } from "../../support/product.js";

export interface ProgramOptions extends Pick<Launch, "port" | "env" | "through"> {
  readonly config: string;
}

/** What one process holds. */
export interface Size {
  readonly files: number;
  readonly sockets: number;
  readonly residentMb: number;
}

/** The built program, over all its lives: remembers what each has printed and how it ended. */
export class Program {
  /** Exit codes of those that were asked to stop. */
  readonly exitCodes: (number | null)[] = [];
  readonly #options: ProgramOptions;
  #product: Product | undefined;
  #printed = "";
  #stopping = false;

  constructor(options: ProgramOptions) {
    this.#options = options;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#options.port}`;
  }

  /** Both halves; resolves when the threat service listens. The worker connects in its own time. */
  async start(): Promise<void> {
    this.#stopping = false;
    const { config, ...how } = this.#options;
    this.#product = await launch({
      args: ["run", "--config", config],
      sign: serverSign,
      ...how,
    });
  }

  async kill(): Promise<void> {
    this.#stopping = true;
    await this.#product?.kill();
    this.#keepOutput();
  }

  async terminate(): Promise<void> {
    this.#stopping = true;
    this.exitCodes.push((await this.#product?.terminate()) ?? null);
    this.#keepOutput();
  }

  /** Whether it ended though nobody asked it to. */
  get hasFallen(): boolean {
    return !this.#stopping && this.#product?.ended === true;
  }

  /** Everything that it has printed in all its lives. */
  output(): string {
    return this.#printed + (this.#product?.output() ?? "");
  }

  async size(): Promise<Size> {
    const folder = `/proc/${this.#product?.pid ?? 0}`;
    const names = await readdir(`${folder}/fd`);
    const targets = await Promise.all(
      names.map((name) => readlink(`${folder}/fd/${name}`).catch(() => "gone")),
    );
    const status = await readFile(`${folder}/status`, "utf8");
    return {
      files: targets.length,
      sockets: targets.filter((target) => target.startsWith("socket:")).length,
      residentMb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024,
    };
  }

  async close(): Promise<void> {
    await this.kill();
  }

  #keepOutput(): void {
    this.#printed = this.output();
    this.#product = undefined;
  }
}
