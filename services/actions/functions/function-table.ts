import { correlatedIndicators } from "./correlated-indicators.js";
import { deleteReport } from "./delete-report.js";
import type { FunctionHandler } from "./function-result.js";
import { priorityScore } from "./priority-score.js";
import { submitReport } from "./submit-report.js";
import { undoWhitelistIndicator, whitelistIndicator } from "./whitelist.js";

/** By API name. */
export const functions: ReadonlyMap<string, FunctionHandler> = new Map([
  ["submit_report_to_trustar", submitReport],
  ["delete_report_in_trustar", deleteReport],
  ["get_priority_score_of_indicator", priorityScore],
  ["get_correlated_indicators_from_trustar", correlatedIndicators],
  ["whitelist_in_trustar", whitelistIndicator],
  ["undo_whitelist_in_trustar", undoWhitelistIndicator],
]);
