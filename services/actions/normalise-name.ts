/** Much more than the platform takes for a name. */
const longestName = 300;

/** Rules and functions are told apart by it, as resilient-circuits does: "Add Task (all)!" is `add_task_all_`. */
export function normaliseName(name: string): string {
  return name
    .slice(0, longestName)
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_]+/gu, "_");
}
