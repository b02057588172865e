import { jest } from "@jest/globals";
import { BROKER_START_MS } from "../support/test-broker.js";
import { openWorkerWorld } from "../support/worker-world.js";

jest.setTimeout(BROKER_START_MS);

const values = ["203.0.113.50", "john.doe", "http://victim.example/login", "EMOTET", "198.51.100.9"];
const quoting = `cannot take ${values.join(" or ")}`;

test("servers that quote artifacts in their refusals put no value into the log", async () => {
  await using world = await openWorkerWorld();
  await world.know("Acme private", "203.0.113.50 with 198.51.100.9 and EMOTET");
  const { resilient } = world.soar;
  const refusal = { kind: "status", status: 400, message: quoting } as const;
  const artifacts = [
    { type: { name: "IP Address" }, value: "203.0.113.50", description: "" },
    { type: { name: "User Account" }, value: "john.doe", description: "" },
    { type: { name: "URL" }, value: "http://victim.example/login", description: "" },
    { type: { name: "Malware Family/Variant" }, value: "EMOTET", description: "" },
  ];
  const endpoints = ["/reports", "/reports/{id}/indicators", "/indicators/related", "/whitelist"];
  for (const endpoint of endpoints) {
    world.trustar.faults.clear();
    world.trustar.faults.add({ ...refusal, endpoint });
    const { dto, artifacts: made } = resilient.seedIncident({ artifacts, name: "john.doe phished" });
    await world.click("Send To TruSTAR", dto.id);
    await world.click("Whitelist in TruSTAR", dto.id, made[0]!.id);
    await world.click("Rule for workflow: Whitelist", dto.id, made[0]!.id);
  }
  world.trustar.faults.clear();
  const body = { success: false, message: quoting, hints: [] };
  for (const path of ["/artifacts", "/comments"]) {
    resilient.faults.add({ kind: "status", status: 400, method: "POST", path, body, times: 5 });
    resilient.faults.add({ kind: "status", status: 500, method: "POST", path, body, times: 5 });
    const { dto } = resilient.seedIncident({ artifacts: artifacts.slice(0, 3) });
    await world.click("Send To TruSTAR", dto.id);
    resilient.faults.clear();
  }
  const errors = resilient.invocations.flatMap(({ replies }) => replies.map(({ message }) => message));
  expect(errors.filter((message) => message.includes("cannot take"))).not.toEqual([]);
  expect(world.output()).toContain("cannot take");
  for (const line of world.output().split("\n")) {
    for (const value of values.slice(0, 3)) expect(line).not.toContain(value);
  }
});
