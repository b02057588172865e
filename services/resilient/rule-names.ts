import { CachedTable, type CachedTableOptions } from "./cached-table.js";
import type { ListOperations, RuleInfo } from "./lists.js";

/** The list belongs to no caller: its time-outs end it. */
const nobody = new AbortController().signal;

/** Names of the server's rules by id. An account that may not read rules knows none. */
export class RuleNames {
  readonly #rules: CachedTable<RuleInfo>;

  constructor(source: Pick<ListOperations, "listRules">, options: CachedTableOptions) {
    this.#rules = new CachedTable("rules", async () => (await source.listRules(nobody)) ?? [], options);
  }

  async nameOf(ruleId: number, signal: AbortSignal): Promise<string | undefined> {
    return (await this.#rules.find((rule) => rule.id === ruleId, signal))?.name;
  }
}
