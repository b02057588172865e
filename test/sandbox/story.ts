import type { Invocation } from "../support/resilient-simulator/invocations.js";
import type { Wire } from "../support/resilient-simulator/wire.js";
import type { Soar } from "../support/soar.js";
import type { Report } from "../support/trustar-simulator/start-trustar-simulator.js";
import type { SimulatedWorld } from "./simulated-world.js";

/** What there is to see after an incident was opened. */
export interface Story {
  readonly incidentId: number;
  readonly name: string;
  /** As the analyst entered them. */
  readonly artifacts: readonly Wire[];
  readonly reports: readonly Report[];
  readonly newArtifacts: readonly Wire[];
  readonly notes: readonly Wire[];
  readonly actions: readonly Invocation[];
}

/** Known to the simulated TruSTAR, as the last one is not. */
const indicators = [
  ["IP Address", "203.0.113.7", "sender's host"],
  ["DNS Name", "evil.example", "in the mail's link"],
  ["Malware MD5 Hash", "0123456789abcdef0123456789abcdef", "the attachment"],
  ["DNS Name", "harmless.example", "in the footer"],
] as const;

/** An analyst opens an incident; the rest is done by rules, and by the product behind them. */
export async function openIncident({ soar, trustar }: SimulatedWorld): Promise<Story> {
  const { resilient } = soar;
  const name = "Phishing: invoice from billing@evil.example";
  const { dto } = resilient.createIncident({
    name,
    description: "Three colleagues got a mail with an attachment; one of them opened it.",
    workspace: 1,
    artifacts: indicators.map(([type, value, description]) => ({ type: { name: type }, value, description })),
  });
  await answered(soar);
  const { artifacts, comments } = resilient.incident(dto.id);
  const entered = artifacts.filter(isEntered);
  return {
    incidentId: dto.id,
    name,
    artifacts: entered,
    reports: trustar.reports().filter((report) => report.externalTrackingId === `RESILIENT${dto.id}`),
    newArtifacts: artifacts.filter((artifact) => !isEntered(artifact)),
    notes: comments,
    actions: resilient.invocations.filter(({ incidentId }) => incidentId === dto.id),
  };
}

function isEntered({ value }: Wire): boolean {
  return indicators.some(([, entered]) => entered === value);
}

/** Every message, those about our own changes included, has its final answer, and the platform has noted it. */
async function answered({ resilient, platform }: Soar): Promise<void> {
  let recorded = 0;
  const isOpen = ({ status }: Invocation): boolean => status === "pending";
  do {
    await resilient.settled();
    const finals = resilient.published.length;
    await platform.until((replies) => replies.filter(({ complete }) => complete).length >= finals);
    for (const { correlationId = "", messageType, ...reply } of platform.replies.slice(recorded)) {
      resilient.recordReply(correlationId, { ...reply, message_type: messageType }, reply.complete);
      recorded += 1;
    }
  } while (resilient.invocations.some(isOpen));
}
