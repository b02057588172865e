import type { Reply } from "../../src/core/action.js";

/**
 * A message for an analyst may quote what others wrote (a workspace's name, a server's refusal), and ends as an
 * action's status or, by a workflow's script, as a note's HTML. Nobody escapes it on the way, and escaped here it would
 * be shown with its entities as plain text: so angle brackets become what only looks like them.
 */
export function inertText(text: string): string {
  return text.replaceAll("<", "‹").replaceAll(">", "›");
}

/** Results other than `error` are data for a workflow and stay as they are. */
export function inertReply(reply: Reply): Reply {
  const message = inertText(reply.message);
  if (reply.outcome === "failed") return { ...reply, message };
  const error = reply.results?.["error"];
  if (typeof error !== "string") return { ...reply, message };
  return { ...reply, message, results: { ...reply.results, error: inertText(error) } };
}
