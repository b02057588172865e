import { functionNames, ruleNames } from "../../../services/customizations/presence.js";
import type { MessageDestination } from "../../../services/resilient/lists.js";
import type { ResilientClient } from "../../../services/resilient/resilient-client.js";
import type { WorkerConfig } from "../../config/app-config.js";
import { UpstreamError } from "../../core/errors.js";
import { circuitsExitCodes, failed, ok, warning, type Link, type Verdict } from "./link.js";
import { wayLinks } from "./tls-link.js";

const customize = "trustar-resilient customize brings it";

/** From the server's certificate to the functions in it. */
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
    { ...destination(queue, client), needs: ["resilient.permissions"] },
    { ...functions(queue, client), needs: ["resilient.permissions"] },
    { ...rules(queue, client), needs: ["resilient.permissions"] },
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

function destination(queue: string, client: ResilientClient): Check {
  return {
    id: "resilient.destination",
    title: "Message destination",
    check: async (signal) => {
      const all = await client.listMessageDestinations(signal);
      const found: MessageDestination | undefined = all.find(
        ({ programmaticName }) => programmaticName === queue,
      );
      if (found === undefined)
        return failed(`there is no "${queue}"`, `${customize}; or correct [trustar] queue`);
      if (await client.isListener(found, signal)) return ok(`"${queue}", and this account is on it`);
      return failed(`this account is not on "${queue}"`, "trustar-resilient customize adds it");
    },
  };
}

function functions(queue: string, client: ResilientClient): Check {
  return {
    id: "resilient.functions",
    title: "Functions",
    check: async (signal) => {
      const all = await client.listFunctions(signal);
      const missing = functionNames().filter((name) => !all.some((one) => one.name === name));
      if (missing.length > 0) return failed(`missing: ${missing.join(", ")}`, customize);
      const ours = all.filter(({ name }) => functionNames().includes(name));
      const elsewhere = ours.filter((one) => one.destination !== queue).map(({ name }) => name);
      if (elsewhere.length === 0) return ok(`all ${ours.length} are there`);
      return failed(`not on message destination "${queue}": ${elsewhere.join(", ")}`, customize);
    },
  };
}

function rules(queue: string, client: ResilientClient): Check {
  return {
    id: "resilient.rules",
    title: "Rules",
    check: async (signal): Promise<Verdict> => {
      const all = await client.listRules(signal);
      if (all === undefined) {
        const fix = 'give the API key the permission to read rules ("Org Data: Read")';
        return failed("the account may not read them, so the worker can't tell them apart", fix);
      }
      const wanted = ruleNames(queue);
      const missing = wanted.filter((name) => !all.some((one) => one.name === name));
      return missing.length === 0
        ? ok(`all ${wanted.length} are there`)
        : failed(`missing: ${missing.join(", ")}`, customize);
    },
  };
}
