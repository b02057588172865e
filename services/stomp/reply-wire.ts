import type { Reply } from "../../src/core/action.js";

/** AcknowledgementDTO: 0 is information, 1 an error; `complete` ends the invocation. */
export function encodeReply(reply: Reply): Buffer {
  const failed = reply.outcome === "failed";
  const results = failed ? undefined : reply.results;
  return Buffer.from(
    JSON.stringify({ message_type: failed ? 1 : 0, message: reply.message, complete: true, results }),
  );
}

/** An interim message; an empty one would show as a blank line in the action status. */
export function encodeProgress(message: string): Buffer {
  return Buffer.from(
    JSON.stringify({ message_type: 0, message: message === "" ? "(No status)" : message, complete: false }),
  );
}
