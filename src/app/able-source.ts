import { UpstreamError } from "../core/errors.js";
import type { IndicatorSource } from "../core/ports.js";
import type { EnclaveCheck } from "./enclave-check.js";

/** What is found where nothing can be searched is no "unknown": before the question and after it, it is a failure. */
export function onlyWhenAble(source: IndicatorSource, enclaves: EnclaveCheck): IndicatorSource {
  const check = (): void => {
    const why = enclaves.whyUnable();
    if (why !== undefined) throw new UpstreamError("upstream_forbidden", why);
  };
  return {
    metadata: async (values, signal) => {
      check();
      const items = await source.metadata(values, signal);
      check();
      return items;
    },
    summaries: (values, signal, read) => source.summaries(values, signal, read),
    correlatedReports: (values, signal, read) => source.correlatedReports(values, signal, read),
    reportLink: (id) => source.reportLink(id),
    indicatorLink: (type, value) => source.indicatorLink(type, value),
  };
}
