import { beforeEachResilient } from "../support/fresh-resilient.js";
import { describe, expect, test } from "@jest/globals";
import type { ResilientClient } from "../../services/resilient/resilient-client.js";
import { never } from "../support/resilient-fixture.js";
import {
  startResilientSimulator,
  type ResilientSimulator,
} from "../support/resilient-simulator/resilient-simulator.js";
import { asWire, type Wire } from "../support/resilient-simulator/wire.js";

let simulator: ResilientSimulator;
let client: ResilientClient & Disposable;
beforeEachResilient((fresh) => {
  ({ simulator, client } = fresh);
});

const body = (index: number): Wire => asWire(JSON.parse(simulator.published[index]?.body ?? "null"));

describe("replies", () => {
  test("become the action's status; the first final one counts", async () => {
    const { id } = simulator.seedIncident().dto;
    const [invocation] = simulator.invokeRule("Send To TruSTAR", id);
    const reply = (message: string, complete: boolean, message_type = 0): void => {
      const text = JSON.stringify({ message_type, message, complete });
      simulator.recordReply(invocation!.correlationId, text);
    };
    reply("half way", false);
    expect(invocation?.status).toBe("pending");
    reply("no account", true, 1);
    reply("late", true);
    expect(invocation?.status).toBe("error");
    expect(invocation?.replies.map(({ message }) => message)).toEqual(["half way", "no account", "late"]);
    await simulator.settled();
  });

  test("of a workflow's function end the workflow and become its note", async () => {
    const { id } = simulator.seedIncident().dto;
    const answer = (results: Wire): void => {
      const [invocation] = simulator.invokeRule("Rule for workflow: Delete Report", id);
      simulator.recordReply(invocation!.correlationId, {
        message_type: 0,
        message: "",
        complete: true,
        results,
      });
    };
    answer({ error: null, status: "Done" });
    answer({ error: "no such report" });
    answer({ status: "Done" });
    const notes = await client.listNotes(id, never);
    expect(notes.map(({ text }) => text)).toEqual([
      '{"error":null,"status":"Done"}',
      "no such report",
      "KeyError: 'error'",
    ]);
    await simulator.settled();
  });

  test("a broker that takes no message makes the action fail", async () => {
    const down = { publish: () => Promise.reject(new Error("broker away")) };
    await using lonely = await startResilientSimulator(down);
    lonely.createIncident();
    await lonely.settled();
    expect(lonely.invocations).toMatchObject([{ name: "CaseCreated", status: "error" }]);
  });
});

describe("from another process", () => {
  const control = async (method: string, path: string, content?: Wire): Promise<Wire> => {
    const init = { method, headers: { "content-type": "application/json" } };
    const response = await fetch(
      simulator.url + path,
      content === undefined ? init : { ...init, body: JSON.stringify(content) },
    );
    return response.status === 204 ? {} : asWire(await response.json());
  };

  test("incidents, invocations, faults, calls and statuses", async () => {
    const incident = await control("POST", "/__incidents", { name: "Phish", discovered_date: 1 });
    const invoked = await control("POST", "/__invoke", {
      rule: "Send To TruSTAR",
      incident_id: incident["id"],
    });
    expect(invoked).toMatchObject({ entities: [{ action_name: "Send To TruSTAR", status_name: "pending" }] });
    await control("POST", "/__invoke", { function: "whitelist_in_trustar", inputs: {} });
    await control("POST", "/__replies", { correlation_id: "invid:153", body: "done" });
    expect(await control("GET", "/__statuses")).toMatchObject({
      entities: [
        { action_name: "CaseCreated" },
        { status_name: "complete", messages: [{ message: "done" }] },
        { kind: "function" },
      ],
    });
    await control("POST", "/__faults", { kind: "status", status: 503, path: "/session" });
    await client.connect(never);
    expect(await control("GET", "/__calls")).toMatchObject({ total: 2, counts: { "GET /session": 2 } });
    expect(await control("POST", "/__invoke", { rule: "Nope", incident_id: 1 })).toMatchObject({
      success: false,
    });
  });
});

describe("configuration", () => {
  test("is exported, and an import updates by name after it was accepted", async () => {
    const auth = { authorization: `Basic ${btoa(`${simulator.apiKey.id}:${simulator.apiKey.secret}`)}` };
    const headers = { ...auth, "content-type": "application/json" };
    const call = async (method: string, path: string, content: Wire): Promise<Wire> => {
      const url = `${simulator.url}/rest/orgs/201/configurations/${path}`;
      return asWire(await (await fetch(url, { method, headers, body: JSON.stringify(content) })).json());
    };
    await using other = await startResilientSimulator();
    const exported = await call("POST", "exports/", { actions: true });
    expect(await call("POST", "imports", { ...exported, fields: [] })).toMatchObject({ success: false });
    simulator.world.rules.splice(0, 12);
    simulator.world.functions.splice(0);
    const pending = await call("POST", "imports", exported);
    expect(simulator.world.rules).toHaveLength(1);
    expect(pending).toMatchObject({ status: "PENDING" });
    await call("PUT", `imports/${String(pending["id"])}`, { ...pending, status: "ACCEPTED" });
    expect(simulator.world.rules.map(({ name }) => name).sort()).toEqual(
      other.world.rules.map(({ name }) => name).sort(),
    );
    expect(simulator.world.destinations).toMatchObject([{ id: 9, users: [1], api_keys: [4] }]);
    const { dto } = simulator.seedIncident();
    simulator.invokeRule("Rule for workflow: Submit Report", dto.id);
    await simulator.settled();
    expect(body(0)).toMatchObject({ inputs: { trustar_incident_id: dto.id } });
  });
});
