import fc from "fast-check";
import { ElementType, parseDocument } from "htmlparser2";
import { openSettledLedger } from "../../services/actions/settled-ledger.js";
import { createSettler, type Settler } from "../../services/actions/settle.js";
import type { Delivery, Reply } from "../../src/core/action.js";
import { createFakeClock } from "../support/fake-clock.js";
import { silentLog } from "../support/lookup-fixtures.js";
import { openBench, relatedIps, ruleIds, type Bench } from "../unit/actions/world/bench.js";
import { workspaces } from "../unit/actions/world/fake-resilient.js";
import { fuzz, liveBytes } from "./fuzz.js";
import { mangled } from "./mangled.js";
import { changed, type Json } from "./odd-json.js";

const never = new AbortController().signal;
const incident: Json = { id: 7, name: "n", workspace: workspaces.alpha, properties: {} };
const artifact: Json = {
  id: 9,
  type: 1,
  value: "203.0.113.7",
  description: { format: "text", content: "d" },
  inc_id: 7,
};

const ruleMessages: readonly Json[] = Object.values(ruleIds).map((id) => ({
  action_id: id,
  object_type: 0,
  operation_type: "created",
  incident,
  artifact: id === ruleIds.ArtifactCreated || id === ruleIds["Whitelist in TruSTAR"] ? artifact : null,
  type_info: {},
}));
const functionMessages: readonly Json[] = [
  "submit_report_to_trustar",
  "delete_report_in_trustar",
  "get_priority_score_of_indicator",
  "get_correlated_indicators_from_trustar",
  "whitelist_in_trustar",
  "undo_whitelist_in_trustar",
  "__proto__",
].map((name) => ({
  function: { id: 1, name },
  inputs: {
    trustar_incident_id: 7,
    trustar_artifact_value: { format: "text", content: "203.0.113.7" },
    trustar_artifact_type: { id: 1, name: "IP Address" },
  },
  workflow: null,
  principal: { id: 1 },
}));
const messages = fc.constantFrom(...ruleMessages, ...functionMessages);
const bodies = fc.oneof(
  { weight: 4, arbitrary: messages.chain((json) => changed(json)).map((json) => JSON.stringify(json)) },
  {
    weight: 1,
    arbitrary: messages.chain((json) => mangled(JSON.stringify(json))).map((bytes) => bytes.toString("utf8")),
  },
);
const classes = fc.constantFrom(
  undefined,
  "ActionDataDTO",
  "FunctionDataDTO",
  "ConnectorSubscriptionUpdateDTO",
  "x",
);

interface World {
  readonly bench: Bench;
  readonly settle: Settler;
  readonly progress: string[];
}

/** A fresh one now and then: what actions did must neither help nor hinder the cases after them for ever. */
const CASES_PER_WORLD = 200;

async function openWorld(): Promise<World> {
  const bench = await openBench();
  bench.resilient.addIncident(7, { workspaceId: workspaces.alpha });
  bench.resilient.addArtifact(7, "203.0.113.7", { id: 9 });
  bench.alpha.relatedIndicators = relatedIps(3);
  const ledger = await openSettledLedger({ clock: createFakeClock(), log: silentLog });
  const progress: string[] = [];
  return {
    bench,
    progress,
    settle: createSettler({ ledger, handle: (...args) => bench.handle(...args), log: silentLog }),
  };
}

function isInert(text: string): boolean {
  const [root, ...more] = parseDocument(`<p>${text}</p>`).children;
  return (
    more.length === 0 &&
    root?.type === ElementType.Tag &&
    root.children.every(({ type }) => type === ElementType.Text)
  );
}

describe("messages of the platform", () => {
  let world: World;
  let count = 0;
  let before = 0;
  const outcomes = new Map<string, number>();

  fuzz("messages of the platform", 0.15, fc.tuple(bodies, classes), async ([body, payloadClass]) => {
    if (count % CASES_PER_WORLD === 0) world = await openWorld();
    count += 1;
    const settled: (Reply | undefined)[] = [];
    const delivery: Delivery = {
      messageId: `ID:${count}`,
      destination: "actions.201.trustar",
      payloadClass,
      contextToken: undefined,
      redelivered: false,
      correlationId: "invid:1",
      replyTo: "/queue/acks.201.trustar",
      body,
      progress: (message) => void world.progress.push(message),
      settle: (reply) => {
        settled.push(reply);
        return Promise.resolve();
      },
    };
    await world.settle(delivery, never);
    expect(settled).toHaveLength(1);
    const [reply] = settled;
    outcomes.set(reply?.outcome ?? "silent", (outcomes.get(reply?.outcome ?? "silent") ?? 0) + 1);
    if (reply === undefined) return;
    expect(reply.message).not.toContain("fault in the TruSTAR integration");
    expect(reply.message).toMatch(/\S/);
    expect(isInert(reply.message)).toBe(true);
    // One report for an incident and an enclave, however often it is asked for.
    expect(world.bench.alpha.stored.size).toBeLessThanOrEqual(1);
    if (count === 400) before = liveBytes();
  });

  test("some were done, some refused; no line tells of a fault of ours, and no memory is left", () => {
    expect([...outcomes.keys()].sort()).toEqual(expect.arrayContaining(["done", "failed"]));
    expect(world.bench.logs.lines().filter(({ level }) => level >= 50)).toEqual([]);
    if (count > 400) expect(liveBytes() - before).toBeLessThan(64 * 1024 * 1024);
  });
});
