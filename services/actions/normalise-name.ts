/** Rules and functions are told apart by it, as resilient-circuits does: "Add Task (all)!" is `add_task_all_`. */
export function normaliseName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_]+/gu, "_");
}
