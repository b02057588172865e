import { pathSegment } from "./path-segment.js";

/** Station's page of a report. `stationUrl` has no trailing slash. */
export function reportLink(stationUrl: string, reportId: string): string {
  return `${stationUrl}/constellation/reports/${pathSegment(reportId)}`;
}

/** Station's page of an indicator, in the form of the legacy app: base64 of the type, an escaped bar and the value. */
export function indicatorLink(stationUrl: string, indicatorType: string, value: string): string {
  const key = Buffer.from(`${indicatorType}%7C${value}`, "utf8").toString("base64");
  return `${stationUrl}/constellation/reports/${key}`;
}
