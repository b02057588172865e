import type { WorkerConfig } from "../../config/app-config.js";
import { BrokerRefusedError, UpstreamError } from "../../core/errors.js";
import type { Log } from "../../core/ports.js";
import { systemClock } from "../../core/time.js";
import { openBrokerLink } from "../broker-link.js";
import { circuitsExitCodes, failed, ok, type Link, type Verdict } from "./link.js";
import { wayLinks } from "./tls-link.js";

const refusalExitCodes: Readonly<Record<BrokerRefusedError["code"], number>> = {
  broker_credentials_refused: circuitsExitCodes.brokerLogin,
  broker_destination_refused: circuitsExitCodes.brokerDestination,
  broker_already_subscribed: circuitsExitCodes.broker,
};

/** @param orgId asked when the log-in has succeeded */
export function brokerLinks(
  worker: WorkerConfig,
  orgId: (signal: AbortSignal) => Promise<number>,
  log: Log,
): readonly Link[] {
  const { host, port, ca, proxy } = worker.resilient.stomp;
  return [
    ...wayLinks({
      id: "broker.tls",
      peer: "the message broker",
      host,
      port,
      ca,
      proxy,
      isOnInternet: false,
      caFix: "name the file of that authority with stomp_cafile in [resilient]",
      addressFix: "correct stomp_host and stomp_port in [resilient], and let the firewall pass that port",
      exitCode: circuitsExitCodes.broker,
    }),
    {
      id: "broker.subscription",
      title: "Subscription",
      needs: ["broker.tls", "resilient.org"],
      exitCode: circuitsExitCodes.subscription,
      fix: "look at the platform's message service, then at this account on the message destination",
      check: async (signal) => subscribe(worker, await orgId(signal), log, signal),
    },
  ];
}

/** Subscribes and leaves again. A message that arrives meanwhile is not touched: the broker delivers it again. */
async function subscribe(
  worker: WorkerConfig,
  orgId: number,
  log: Log,
  signal: AbortSignal,
): Promise<Verdict> {
  const link = openBrokerLink(worker, orgId, { clock: systemClock, log });
  link.onDelivery(() => Promise.resolve());
  const done = new AbortController();
  const stop = (): void => {
    done.abort();
  };
  signal.addEventListener("abort", stop, { once: true });
  const running = link.run(done.signal);
  try {
    await Promise.race([link.ready(signal), running]);
    return ok(`to actions.${orgId}.${worker.queue}`);
  } catch (error) {
    if (error instanceof BrokerRefusedError)
      return failed(error.message, undefined, refusalExitCodes[error.code]);
    if (error instanceof UpstreamError)
      return failed(error.message, undefined, circuitsExitCodes.subscription);
    throw error;
  } finally {
    stop();
    await running.catch(() => undefined); // told already
  }
}
