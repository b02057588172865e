import { UpstreamError } from "../../src/core/errors.js";
import { comparable } from "../core/indicator-value.js";

/**
 * Brings each answer back to the value that was asked for, also when the server writes it another way.
 * @throws UpstreamError `upstream_unreadable_item` when an item is about none of the values that were asked for and may
 * be the answer to one that has none: asked alone, what comes is about it
 */
export function groupByAsked<T extends { readonly value: string }>(
  values: readonly string[],
  items: readonly T[],
  onStray: (count: number) => void,
): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  if (items.length === 0) return groups;
  const byForm = new Map<string, string[]>();
  for (const value of values) append(byForm, comparable(value), value);
  const byTold = new Map<string, readonly string[]>();
  const strays: T[] = [];
  for (const item of items) {
    // The exact value alone would leave another spelling of it, asked for in the same call, without its answer.
    const spellings = byTold.get(item.value) ?? byForm.get(comparable(item.value)) ?? [];
    byTold.set(item.value, spellings);
    if (spellings.length === 0) strays.push(item);
    for (const value of spellings) append(groups, value, item);
  }
  if (strays.length === 0) return groups;
  const [only, ...others] = values;
  if (only !== undefined && others.length === 0 && groups.size === 0) return new Map([[only, strays]]);
  if (groups.size < values.length) throw unmatched();
  onStray(strays.length);
  return groups;
}

function unmatched(): UpstreamError {
  const message = "TruSTAR answered about a value that was not asked for in this form";
  return new UpstreamError("upstream_unreadable_item", message);
}

function append<T>(groups: Map<string, T[]>, key: string, item: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [item]);
  else group.push(item);
}
