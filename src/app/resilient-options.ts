import type { ResilientOptions } from "../../services/resilient/options.js";
import type { ResilientConfig } from "../config/app-config.js";

/** How the server of app.config is reached and who we are there. */
export function resilientOptions(resilient: ResilientConfig): Omit<ResilientOptions, "log"> {
  const { host, port, resourcePrefix, org, credentials, ca, clientCert } = resilient;
  return { baseUrl: `https://${host}:${port}`, resourcePrefix, org, credentials, ca, clientCert };
}
