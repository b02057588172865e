import type { ResilientClient } from "../../../services/resilient/resilient-client.js";
import type { WorkerConfig } from "../../config/app-config.js";
import { UpstreamError } from "../../core/errors.js";
import { customizationLinks } from "./customization-links.js";
import { circuitsExitCodes, failed, ok, warning, type Link } from "./link.js";
import { nameLinks } from "./name-links.js";
import { wayLinks } from "./tls-link.js";

/** From the server's certificate to the rules in it, and the names that the accounts mention. */
export function resilientLinks(worker: WorkerConfig, client: ResilientClient): readonly Link[] {
  const { resilient, queue } = worker;
  const { host, port, ca, proxy } = resilient;
  const way = wayLinks({
    id: "resilient.tls",
    peer: "Resilient",
    host,
    port,
    ca,
    proxy,
    isOnInternet: false,
    caFix: "name the file of that authority with cafile in [resilient]",
    addressFix: "correct host and port in [resilient]",
    exitCode: circuitsExitCodes.connection,
  });
  const needs = ["secrets", "resilient.tls"];
  return [
    ...way,
    { ...login(worker, client), needs },
    { ...organization(worker, client), needs: ["resilient.login"] },
    { ...permissions(client), needs: ["resilient.org"] },
    ...customizationLinks(queue, client),
    ...nameLinks(worker, client),
  ];
}

type Check = Omit<Link, "needs">;

/** Choosing the organization is refused without a status: by us, after the server had let us in. */
function isOrgRefusal(error: unknown): error is UpstreamError {
  return error instanceof UpstreamError && error.code === "upstream_forbidden" && error.status === undefined;
}

function login({ resilient: { credentials } }: WorkerConfig, client: ResilientClient): Check {
  const isKey = credentials.kind === "api-key";
  const keys = isKey ? "api_key_id and api_key_secret" : "email and password";
  return {
    id: "resilient.login",
    title: "Log-in to Resilient",
    exitCode: circuitsExitCodes.connection,
    check: async (signal) => {
      try {
        await client.connect(signal);
      } catch (error) {
        if (!isOrgRefusal(error)) {
          if (!(error instanceof UpstreamError && error.code === "upstream_unauthorized")) throw error;
          const exitCode = isKey ? circuitsExitCodes.unauthorized : circuitsExitCodes.password;
          return failed(error.message, `correct ${keys} in [resilient]`, exitCode);
        }
      }
      if (isKey) return ok("the API key is accepted");
      return warning(
        "e-mail address and password are accepted",
        "use an API key: account log-ins are deprecated",
      );
    },
  };
}

function organization({ resilient: { org } }: WorkerConfig, client: ResilientClient): Check {
  return {
    id: "resilient.org",
    title: "Organization",
    exitCode: circuitsExitCodes.organization,
    check: async (signal) => {
      try {
        const { name, id } = await client.connect(signal);
        const isListening = await client.actionsEnabled(signal);
        return isListening
          ? ok(`"${name}" (${id})`)
          : failed(
              `"${name}" (${id}) has no Action Module, so it sends no messages`,
              "have it licensed and switched on",
            );
      } catch (error) {
        if (error instanceof UpstreamError && error.status === 403) {
          const fix = 'give the account, or its API key, the permission to read it ("Org Data: Read")';
          return failed(error.message, fix, circuitsExitCodes.organization);
        }
        if (!isOrgRefusal(error)) throw error;
        return failed(
          error.message,
          `correct org in [resilient]; it says ${org}`,
          circuitsExitCodes.organization,
        );
      }
    },
  };
}

function permissions(client: ResilientClient): Check {
  return {
    id: "resilient.permissions",
    title: "Permissions",
    check: async (signal) => {
      const missing = await client.missingPermissions(signal);
      if (missing.length > 0) {
        const fix = "give them to the API key in Administrator Settings, Users, API Keys";
        return failed(`the account lacks ${missing.join(", ")}`, fix);
      }
      return ok(
        "everything can be read; writing notes and artifacts can't be tried without touching an incident",
      );
    },
  };
}
