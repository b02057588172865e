import type { JsonObject } from "../../../src/core/action.js";
import type { ActionContext } from "../context.js";
import type { InputValues } from "../function-inputs.js";

export interface FunctionResult {
  /** What was done, as one sentence for the analyst. */
  readonly message: string;
  /** What the workflow reads, without `error`. */
  readonly results: JsonObject;
}

export type FunctionHandler = (context: ActionContext, inputs: InputValues) => Promise<FunctionResult>;
