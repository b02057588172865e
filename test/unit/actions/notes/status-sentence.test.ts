import { type ActionSummary, statusSentence } from "../../../../services/actions/notes/status-sentence.js";

it.each<[ActionSummary, string]>([
  [
    { updated: 2, addedArtifacts: 3, masked: { terms: 2, addresses: 0, domains: 0 } },
    "Report updated in 2 enclaves; 3 new indicators added as artifacts; 2 terms masked.",
  ],
  [{ submitted: 1, enriched: true }, "Report submitted to 1 enclave; no new correlated indicators."],
  [
    { submitted: 1, updated: 1, omittedArtifacts: 12 },
    "Report submitted to 1 enclave; report updated in 1 enclave; 12 artifacts left out of the report, TruSTAR takes no more.",
  ],
  [
    { unchanged: 1, addedArtifacts: 1, refusedArtifacts: 1, masked: { terms: 1, addresses: 2, domains: 1 } },
    "Report already up to date in 1 enclave; 1 new indicator added as artifact; 1 indicator refused by Resilient; " +
      "1 term, 2 private addresses and 1 own domain masked.",
  ],
  [{ deleted: 2 }, "Report deleted from 2 enclaves."],
  [{ masked: { terms: 0, addresses: 1, domains: 0 } }, "1 private address masked."],
  [{}, "Nothing to do."],
])("%j", (summary, sentence) => {
  expect(statusSentence(summary)).toBe(sentence);
});
