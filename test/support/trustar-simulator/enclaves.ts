import { forbidden } from "./api-error.js";
import type { Account, Enclave } from "./model.js";
import { stableId } from "./stable-id.js";

function enclave(name: string, type: string, templateName: string, rights: string): Enclave {
  return {
    name,
    templateName,
    workflowSupported: false,
    read: rights.includes("r"),
    create: rights.includes("c"),
    update: rights.includes("u"),
    id: stableId(`enclave ${name}`),
    type,
  };
}

/** Two of the company's own with all rights, one per weaker right, and feeds that can only be read. */
export const SAMPLE_ENCLAVES: readonly Enclave[] = [
  enclave("Acme private", "INTERNAL", "Private Enclave", "rcu"),
  enclave("Acme incidents", "INTERNAL", "Private Enclave", "rcu"),
  enclave("Acme submissions", "INTERNAL", "Private Enclave", "rc"),
  enclave("Open feed", "OPEN", "Open Source", "r"),
  enclave("VirusTotal", "CLOSED_CONCRETE", "Closed Source", "r"),
  enclave("Threat Example", "CLOSED_CONCRETE", "Closed Source", "r"),
  enclave("Unsubscribed feed", "CLOSED_CONCRETE", "Closed Source", ""),
];

export type Right = "read" | "create" | "update";

/** Who may do what where. */
export class Enclaves {
  readonly all: readonly Enclave[];

  constructor(all: readonly Enclave[]) {
    this.all = all;
  }

  visibleTo(account: Account): readonly Enclave[] {
    const { enclaveIds } = account;
    return enclaveIds === undefined ? this.all : this.all.filter(({ id }) => enclaveIds.includes(id));
  }

  may(account: Account, right: Right, enclaveId: string): boolean {
    return this.visibleTo(account).some((candidate) => candidate.id === enclaveId && candidate[right]);
  }

  require(account: Account, right: Right, enclaveId: string): void {
    if (this.may(account, right, enclaveId)) return;
    throw forbidden(`User does not have ${right} access to enclave ${enclaveId}`);
  }

  /** The enclaves a call is answered over: those asked for that the user can read; all readable when none is asked. */
  readable(account: Account, asked: readonly string[]): ReadonlySet<string> {
    const readable = this.visibleTo(account)
      .filter(({ read }) => read)
      .map(({ id }) => id);
    return new Set(asked.length === 0 ? readable : readable.filter((id) => asked.includes(id)));
  }

  /** Where an indicator goes that names no enclave: the first that can only be read. */
  get defaultFeed(): string {
    const feed = this.all.find(({ read, create }) => read && !create) ?? this.all[0];
    if (feed === undefined) throw new Error("the simulator needs at least one enclave");
    return feed.id;
  }
}
