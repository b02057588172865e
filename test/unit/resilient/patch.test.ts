import { describe, expect, test } from "@jest/globals";
import { UpstreamError } from "../../../src/core/errors.js";
import { patchUntilAccepted } from "../../../services/resilient/patch.js";
import type { Send } from "../../../services/resilient/transport.js";

const signal = new AbortController().signal;
const target = { path: "/incidents/7", what: "change incident 7" };
const name = { field: "name", from: "a", to: "b" };
const severity = { field: "severity_code", from: 50, to: 51 };

/** Answers what it is given, one after the other, and remembers what was sent. */
function scripted(...answers: readonly unknown[]): { send: Send; sent: unknown[] } {
  const sent: unknown[] = [];
  const left = [...answers];
  const send: Send = (request) => {
    sent.push(request.body);
    const next = left.shift();
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(request.answer.parse(next));
  };
  return { send, sent };
}

const conflict = (...fields: readonly (readonly [unknown, unknown])[]): object => ({
  success: false,
  message: "changed",
  field_failures: fields.map(([field, actual_current_value]) => ({ field, actual_current_value })),
});

describe("a patch", () => {
  test("sends old and new values, no version", async () => {
    const { send, sent } = scripted({ success: true });
    await patchUntilAccepted(send, target, [name], signal);
    expect(sent).toEqual([
      { changes: [{ field: "name", old_value: { object: "a" }, new_value: { object: "b" } }] },
    ]);
  });

  test("goes again, unchanged, after a clash in the database", async () => {
    const clash = new UpstreamError("upstream_rejected", "409", { status: 409 });
    const { send, sent } = scripted(clash, clash, { success: true });
    await patchUntilAccepted(send, target, [name], signal);
    expect(sent).toHaveLength(3);
    expect(sent[2]).toEqual(sent[0]);
  });

  test("leaves out what is already so", async () => {
    const { send, sent } = scripted(conflict([{ name: "name" }, { object: "b" }]), { success: true });
    await patchUntilAccepted(send, target, [name, severity], signal);
    expect(sent[1]).toEqual({
      changes: [{ field: "severity_code", old_value: { object: 50 }, new_value: { object: 51 } }],
    });
  });

  test("is a conflict when somebody wanted something else", async () => {
    const { send, sent } = scripted(conflict(["name", "c"], ["severity_code", 51]));
    const work = patchUntilAccepted(send, target, [name, severity], signal);
    await expect(work).rejects.toMatchObject({ code: "upstream_rejected", status: 409 });
    await expect(work).rejects.toThrow("somebody else changed name, severity_code meanwhile");
    expect(sent).toHaveLength(1);
  });

  test("that is refused without a field at fault says why", async () => {
    const { send } = scripted({ success: false, message: "No." });
    await expect(patchUntilAccepted(send, target, [name], signal)).rejects.toThrow(
      "Resilient refused to change incident 7: No.",
    );
  });

  test("ends although the server names a field that we never sent", async () => {
    const { send } = scripted(conflict(["other", "x"]));
    await expect(patchUntilAccepted(send, target, [name], signal)).rejects.toMatchObject({ status: 409 });
  });

  test("of nothing asks nothing", async () => {
    const { send, sent } = scripted();
    await patchUntilAccepted(send, target, [], signal);
    expect(sent).toEqual([]);
  });
});
