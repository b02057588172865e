import type { SandboxOptions } from "./options.js";
import type { SimulatedWorld } from "./simulated-world.js";

/** Where everything is, and three commands to paste. */
export function greeting(
  { port }: SandboxOptions,
  { trustar, soar }: SimulatedWorld,
  pid: number | undefined,
): string {
  const service = `http://127.0.0.1:${port}`;
  const post = `curl -s -w '\\n' -H 'Content-Type: application/json' ${service}/cts/trustar -d`;
  return `
The sandbox is up. Press Ctrl-C to stop all of it.

  Threat service       ${service}/cts/trustar   (process ${pid ?? "?"}; metrics: ${service}/metrics)
  Simulated TruSTAR    ${trustar.url}   (calls so far: ${trustar.url}/__calls, reports: ${trustar.url}/__reports)
  Simulated Resilient  ${soar.resilient.url}   (its message broker: stomp+ssl://localhost:${soar.broker.tlsPort})

Paste these into another terminal.

An artifact that TruSTAR knows; the answer holds its hits:
  ${post} '{"type":"net.ip","value":"203.0.113.7"}'

One that it does not know; the answer holds none:
  ${post} '{"type":"net.name","value":"harmless.example"}'

Is the service alive? (${service}/ready tells whether it can ask TruSTAR and listens to Resilient.)
  curl -s -w '\\n' ${service}/health

`;
}
