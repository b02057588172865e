/** A login of a test broker; patterns are ActiveMQ's: `actions.>` covers `actions.201.trustar`. */
export interface BrokerUser {
  readonly login: string;
  readonly passcode: string;
  readonly read: readonly string[];
  readonly write: readonly string[];
}

/** The platform itself, an integration's API key, and a key that was added to no message destination. */
export const platformUser: BrokerUser = {
  login: "platform",
  passcode: "platform's own",
  read: [">"],
  write: [">"],
};
export const workerUser: BrokerUser = {
  login: "0a1b2c3d-key",
  passcode: "s3cret: with colon & <quotes>",
  read: ["actions.>"],
  write: ["acks.>"],
};
/** A key that was added to some message destinations only. */
export const choosyUser: BrokerUser = {
  login: "choosy",
  passcode: "some of it",
  read: ["actions.201.mine.>"],
  write: ["acks.>"],
};
export const strangerUser: BrokerUser = {
  login: "stranger",
  passcode: "let me in",
  read: ["somewhere.else"],
  write: ["somewhere.else"],
};

export const defaultUsers: readonly BrokerUser[] = [platformUser, workerUser, choosyUser, strangerUser];

export function covers(pattern: string, queue: string): boolean {
  return (
    pattern === queue || pattern === ">" || (pattern.endsWith(".>") && queue.startsWith(pattern.slice(0, -1)))
  );
}
