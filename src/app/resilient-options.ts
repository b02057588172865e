import type { ResilientOptions } from "../../services/resilient/options.js";
import type { ResilientConfig } from "../config/app-config.js";
import { hostAndPort } from "../core/proxy.js";

/** How the server of app.config is reached and who we are there. */
export function resilientOptions(resilient: ResilientConfig): Omit<ResilientOptions, "log"> {
  const { resourcePrefix, org, credentials, ca, proxy, clientCert } = resilient;
  const baseUrl = `https://${hostAndPort(resilient)}`;
  return { baseUrl, resourcePrefix, org, credentials, ca, proxy, clientCert };
}
