import { Router } from "express";
import { states } from "../seed-fields.js";
import type { Wire } from "../wire.js";

export const serverVersion = { major: 51, minor: 0, build_number: 9340, version: "51.0.9.0.9340" } as const;

/** `/rest/const`, as far as clients of the Action Module read it. */
export function constRoutes(): Router {
  const router = Router();
  router.get("/const", (_req, res) => {
    const constants: Wire = {
      server_version: serverVersion,
      incident_statuses: { A: "Active", C: "Closed" },
      task_statuses: { O: "Open", C: "Closed" },
      states: Object.fromEntries(states),
      harm_statuses: { "1": "No", "2": "Unknown", "3": "Yes" },
      max_artifact_mb: 25,
      max_artifacts: 500,
      max_attachment_mb: 25,
      max_page_size: 100,
      actions_framework: {
        enabled: true,
        destination_types: { "0": "Queue", "1": "Topic" },
        action_types: { "0": "Automatic", "1": "Manual" },
        action_object_types: {
          "0": "Incident",
          "1": "Task",
          "2": "Note",
          "3": "Milestone",
          "4": "Artifact",
          "5": "Attachment",
        },
        action_invocation_statuses: { "0": "Complete", "1": "Pending", "2": "Error", "3": "Timed Out" },
        action_invocation_message_types: { "0": "Information", "1": "Error", "2": "Warning" },
      },
    };
    res.json(constants);
  });
  return router;
}
