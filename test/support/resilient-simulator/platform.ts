import type { Clock } from "../../../src/core/time.js";
import { notFound } from "./api-error.js";
import { ruleApplies, type ChangeEvent } from "./conditions.js";
import { Invocations, type Invocation, type NewInvocation } from "./invocations.js";
import {
  actionData,
  functionData,
  toMessage,
  type Envelope,
  type Occasion,
  type PlatformMessage,
} from "./messages.js";
import { objectTypes, type FunctionRecord, type RuleRecord } from "./seed-rules.js";
import type { Wire } from "./wire.js";
import { functionTask, postProcessNote } from "./workflow-runs.js";
import type { PrincipalRecord, World } from "./world.js";

export interface PlatformOptions {
  readonly world: World;
  readonly clock: Clock;
  readonly publish: (message: PlatformMessage) => void | Promise<void>;
}

/** The Action Module: rules that fire, workflows that call functions, and the statuses that come back. */
export class Platform {
  readonly world: World;
  readonly clock: Clock;
  readonly invocations = new Invocations();
  /** Set by the server: how a workflow's script adds a note. */
  addNote: (incidentId: number, text: string, by: PrincipalRecord) => void = () => undefined;
  readonly #publish: PlatformOptions["publish"];
  readonly #publishing = new Set<Promise<void>>();
  #lastWorkflowInstanceId = 500;

  constructor({ world, clock, publish }: PlatformOptions) {
    this.world = world;
    this.clock = clock;
    this.#publish = publish;
  }

  /** To be called after the change is made. */
  fire(event: ChangeEvent): void {
    const objectType = objectTypes[event.objectType];
    for (const rule of this.world.rules) {
      if (rule.type !== 0 || !rule.enabled || rule.object_type !== objectType) continue;
      if (event.mutedRules.includes(rule.id) || !ruleApplies(this.world, rule, event)) continue;
      this.#run(rule, event);
    }
  }

  /** A menu item, as if somebody had clicked on it. */
  invokeRule(
    name: string,
    incidentId: number,
    artifactId: number | undefined,
    by: PrincipalRecord,
  ): Invocation[] {
    const rule = this.world.rules.find((one) => one.name === name && one.type === 1);
    if (rule === undefined) throw notFound("menu item rule", name);
    const record = this.world.incidents.get(incidentId);
    if (record === undefined) throw notFound("incident", incidentId);
    const incident = record.dto;
    if (rule.object_type === objectTypes["incident"]) {
      return this.#run(rule, {
        objectType: "incident",
        operation: "modified",
        incident,
        object: incident,
        by,
      });
    }
    const object = record.artifacts.find((one) => one.id === artifactId);
    if (object === undefined) throw notFound("artifact", artifactId);
    return this.#run(rule, { objectType: "artifact", operation: "modified", incident, object, by });
  }

  /** A function on its own, without a workflow around it. */
  invokeFunction(name: string, inputs: Wire, by: PrincipalRecord): Invocation {
    const fn = this.world.functions.find((one) => one.name === name);
    if (fn === undefined) throw notFound("function", name);
    return this.#call(fn, inputs, { by, ruleIds: [], incidentId: undefined, workflow: null });
  }

  recordReply(correlationId: string, body: string | Wire, complete = true): void {
    const finished = this.invocations.record(correlationId, body, complete);
    if (finished?.kind !== "function" || finished.incidentId === undefined || finished.status === "error")
      return;
    const author = this.world.principals.find((one) => one.kind === "user");
    if (author !== undefined) this.addNote(finished.incidentId, postProcessNote(finished), author);
  }

  /** Everything that was fired so far has been handed to the broker. */
  async settled(): Promise<void> {
    while (this.#publishing.size > 0) await Promise.all(this.#publishing);
  }

  #run(rule: RuleRecord, occasion: Occasion): Invocation[] {
    const { incident, object, objectType, by } = occasion;
    const sent = rule.message_destinations.flatMap((id) => {
      const destination = this.world.destinations.find((one) => one.id === id);
      if (destination === undefined) return [];
      const body = structuredClone(actionData(this.world, rule.id, occasion, rule.type === 0));
      const facts = {
        name: rule.name,
        kind: "action",
        incidentId: incident.id,
        objectId: object.id,
      } as const;
      const queue = destination.programmatic_name;
      return [
        this.#send(
          { ...facts, workflowInstanceId: undefined },
          { queue, payload: "ActionDataDTO", ruleIds: [rule.id], body },
        ),
      ];
    });
    const called = this.world.workflows
      .filter((workflow) => rule.workflows.includes(workflow.programmatic_name))
      .map((workflow) => {
        const artifact = objectType === "artifact" ? object : undefined;
        const { fn, inputs } = functionTask(this.world, workflow, { incident, artifact });
        const { workflow_id, name, programmatic_name, object_type, description, uuid } = workflow;
        const shown = {
          workflow_id,
          name,
          programmatic_name,
          object_type,
          description,
          uuid,
          tags: [],
          actions: [],
        };
        return this.#call(fn, inputs, { by, ruleIds: [rule.id], incidentId: incident.id, workflow: shown });
      });
    return [...sent, ...called];
  }

  #call(
    fn: FunctionRecord,
    inputs: Wire,
    from: {
      by: PrincipalRecord;
      ruleIds: readonly number[];
      incidentId: number | undefined;
      workflow: Wire | null;
    },
  ): Invocation {
    const workflowInstanceId = ++this.#lastWorkflowInstanceId;
    const { by, workflow, incidentId, ruleIds } = from;
    const body = functionData({ fn, inputs, by, workflow, workflowInstanceId });
    return this.#send(
      { name: fn.name, kind: "function", incidentId, objectId: undefined, workflowInstanceId },
      { queue: fn.destination_handle, payload: "FunctionDataDTO", ruleIds, body },
    );
  }

  #send(facts: Omit<NewInvocation, "expectAck">, envelope: Omit<Envelope, "correlationId">): Invocation {
    const destination = this.world.destinations.find((one) => one.programmatic_name === envelope.queue);
    const invocation = this.invocations.open({ ...facts, expectAck: destination?.expect_ack !== false });
    const message = toMessage(
      this.world,
      { ...envelope, correlationId: invocation.correlationId },
      this.clock.now(),
    );
    // As the platform does: after the change, beside the answer to whoever made it.
    const publishing = new Promise((resolve) => setImmediate(resolve))
      .then(() => this.#publish(message))
      .catch((error: unknown) => {
        invocation.status = "error";
        invocation.replies.push({
          messageType: 1,
          message: String(error),
          complete: true,
          results: undefined,
        });
      })
      .finally(() => this.#publishing.delete(publishing));
    this.#publishing.add(publishing);
    return invocation;
  }
}
