import { functionPlans } from "./functions.js";
import { ruleBodies } from "./rules.js";
import { textOf } from "./customization.js";

/** API names of the functions that the worker answers. */
export function functionNames(): readonly string[] {
  return Object.values(functionPlans).map(({ name }) => name);
}

/** Names of all rules, those that start workflows included. */
export function ruleNames(queue: string): readonly string[] {
  return ruleBodies(queue).map((body) => textOf(body, "name"));
}
