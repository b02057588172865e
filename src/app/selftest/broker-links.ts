import type { WorkerConfig } from "../../config/app-config.js";
import { BrokerRefusedError, UpstreamError } from "../../core/errors.js";
import type { Log } from "../../core/ports.js";
import { systemClock } from "../../core/time.js";
import { openBrokerLink } from "../broker-link.js";
import { circuitsExitCodes, failed, ok, warning, type Link, type Verdict } from "./link.js";
import { wayLinks } from "./tls-link.js";

const refusalExitCodes = {
  broker_credentials_refused: circuitsExitCodes.brokerLogin,
  broker_destination_refused: circuitsExitCodes.brokerDestination,
} as const;

/** @param destinations asked when the log-in has succeeded */
export function brokerLinks(
  worker: WorkerConfig,
  destinations: (signal: AbortSignal) => Promise<readonly string[]>,
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
      caFix:
        ca === worker.resilient.ca
          ? "name the file of that authority with cafile in [resilient], or with stomp_cafile if it is another one"
          : "name the file of that authority with stomp_cafile in [resilient]",
      addressFix: "correct stomp_host and stomp_port in [resilient], and let the firewall pass that port",
      exitCode: circuitsExitCodes.broker,
    }),
    {
      id: "broker.subscription",
      title: "Subscription",
      needs: ["broker.tls", "resilient.org"],
      exitCode: circuitsExitCodes.subscription,
      fix: "look at the platform's message service, then at this account on the message destination",
      check: async (signal) => {
        const verdicts: Verdict[] = [];
        for (const one of await destinations(signal))
          verdicts.push(await subscribe(worker, one, log, signal));
        const worst = (["failed", "warning"] as const)
          .map((state) => verdicts.find((verdict) => verdict.state === state))
          .find((verdict) => verdict !== undefined);
        return worst ?? ok(`to ${verdicts.map(({ detail }) => detail).join(" and ")}`);
      },
    },
  ];
}

function judgeRefusal({ code, message }: BrokerRefusedError): Verdict {
  // The broker has let us in and knows the account: what is running already is most likely the worker itself.
  if (code === "broker_already_subscribed") {
    return warning(
      "somebody listens there already: the running worker, or the old Python app",
      "make sure that the old one is stopped",
    );
  }
  return failed(message, undefined, refusalExitCodes[code]);
}

/** Subscribes and leaves again. A message that arrives meanwhile is not touched: the broker delivers it again. */
async function subscribe(
  worker: WorkerConfig,
  destination: string,
  log: Log,
  signal: AbortSignal,
): Promise<Verdict> {
  const { resilient } = worker;
  // As few as may be are held up for the moment that this takes.
  const alone = { ...worker, resilient: { ...resilient, stomp: { ...resilient.stomp, prefetch: 1 } } };
  const link = openBrokerLink(alone, [destination], { clock: systemClock, log });
  link.onDelivery(() => Promise.resolve());
  const done = new AbortController();
  const stop = (): void => {
    done.abort();
  };
  signal.addEventListener("abort", stop, { once: true });
  const running = link.run(done.signal);
  try {
    await Promise.race([link.ready(signal), running]);
    return ok(destination);
  } catch (error) {
    if (error instanceof BrokerRefusedError) return judgeRefusal(error);
    if (error instanceof UpstreamError)
      return failed(error.message, undefined, circuitsExitCodes.subscription);
    throw error;
  } finally {
    stop();
    await running.catch(() => undefined); // told already
  }
}
