import { z } from "zod";
import type { JsonObject } from "../../src/core/action.js";
import type { JsonValue } from "../../src/core/artifact.js";
import { UpstreamError } from "../../src/core/errors.js";
import type { Send } from "./transport.js";
import { anything } from "./wire.js";

export interface ConfigurationOperations {
  /** The organization's rules, workflows, functions and what they need, as `POST /configurations/exports` gives them. */
  exportConfiguration(signal: AbortSignal): Promise<JsonObject>;
  /**
   * Imports a configuration and accepts what the server makes of it.
   * @returns what the server says about it
   * @throws UpstreamError the server refuses it; nothing has been changed then
   */
  importConfiguration(configuration: JsonObject, signal: AbortSignal): Promise<readonly string[]>;
}

/** It comes out of JSON, so its values are JSON. */
const jsonObject = z.record(z.string(), z.custom<JsonValue>());

const importState = z.looseObject({
  id: z.number(),
  status: z.string(),
  messages: z
    .array(z.looseObject({ type: z.string().nullish(), text: z.string().nullish() }))
    .nullish()
    .transform((messages) => messages ?? []),
});
type ImportState = z.infer<typeof importState>;

const path = "/configurations/imports";
const what = "import the configuration";

export function createConfigurationOperations(send: Send): ConfigurationOperations {
  const answerImport = (
    state: ImportState,
    status: "ACCEPTED" | "REJECTED",
    signal: AbortSignal,
  ): Promise<unknown> =>
    send(
      {
        method: "PUT",
        path: `${path}/${state.id}`,
        body: { ...state, status },
        answer: anything,
        what,
        repeatable: false,
      },
      signal,
    );
  return {
    exportConfiguration: (signal) =>
      send(
        {
          method: "POST",
          path: "/configurations/exports/",
          body: { layouts: true, actions: true, phases_and_tasks: true },
          answer: jsonObject,
          what: "export the configuration",
          repeatable: true,
        },
        signal,
      ),

    importConfiguration: async (configuration, signal) => {
      const state = await send(
        { method: "POST", path, body: configuration, answer: importState, what },
        signal,
      );
      const messages = state.messages.map(({ type, text }) => `${type ?? "message"}: ${text ?? ""}`);
      // Not every server asks back.
      if (state.status !== "PENDING") return messages;
      const errors = state.messages.filter(({ type }) => /error/i.test(type ?? ""));
      await answerImport(state, errors.length > 0 ? "REJECTED" : "ACCEPTED", signal);
      if (errors.length === 0) return messages;
      const said = errors.map(({ text }) => text ?? "").join("; ");
      throw new UpstreamError(
        "upstream_rejected",
        `Resilient does not take the import, nothing was changed: ${said}`,
      );
    },
  };
}
