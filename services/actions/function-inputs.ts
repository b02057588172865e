import { z } from "zod";
import { ActionError } from "./action-error.js";

export const incidentInput = "trustar_incident_id";
export const valueInput = "trustar_artifact_value";
export const typeInput = "trustar_artifact_type";

/** As long as a value may be that is looked up. */
const longestText = 4_096;

const selected = z.looseObject({
  id: z.union([z.number(), z.string()]).nullish(),
  name: z.string().nullish(),
});
const written = z.looseObject({ content: z.string() });

/** Inputs of a function as the platform sends them: plain values, `{id, name}` of a select, `{content}` of a textarea. */
export class InputValues {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  /** Undefined when the input is missing or holds no such number. */
  incidentId(): number | undefined {
    const text = this.#text(incidentInput);
    return text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
  }

  /** Whether the input was given at all, readable or not. */
  has(name: string): boolean {
    return this.#text(name) !== undefined;
  }

  /** @throws ActionError */
  requiredIncidentId(): number {
    const id = this.incidentId();
    if (id === undefined)
      throw new ActionError(`Set the function's input ${incidentInput} to the incident's id.`);
    return id;
  }

  /** @throws ActionError */
  requiredText(name: string): string {
    const text = this.#text(name);
    if (text === undefined) throw new ActionError(`Set the function's input ${name}; it is empty.`);
    if (text.length > longestText) {
      throw new ActionError(
        `The function's input ${name} has more than ${longestText} characters: TruSTAR keeps no such value.`,
      );
    }
    return text;
  }

  #text(name: string): string | undefined {
    const text = plainText(this.#values[name])?.trim();
    return text === "" ? undefined : text;
  }
}

function plainText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = written.safeParse(value);
  if (text.success) return text.data.content;
  const choice = selected.safeParse(value);
  if (!choice.success) return undefined;
  const { id, name } = choice.data;
  return name ?? (id === null || id === undefined ? undefined : String(id));
}
