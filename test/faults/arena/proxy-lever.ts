import { freePort } from "../../support/product.js";
import { startTinyproxy } from "../../support/tinyproxy.js";
import { brokerHost, trustarHost } from "./house.js";

/** Debian's tinyproxy, which can die and come back on its port. */
export interface ProxyLever {
  readonly port: number;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function openProxy(folder: string): Promise<ProxyLever> {
  const port = await freePort();
  const run = () => startTinyproxy(folder, port, { hosts: ["localhost", trustarHost, brokerHost] });
  let running: Awaited<ReturnType<typeof run>> | undefined = await run();
  return {
    port,
    start: async () => {
      running ??= await run();
    },
    stop: async () => {
      await running?.stop();
      running = undefined;
    },
  };
}
