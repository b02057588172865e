import { ApiError, errorBody } from "./api-error.js";
import { correlationRoutes } from "./correlation-routes.js";
import type { Route } from "./exchange.js";
import { indicatorRoutes } from "./indicator-routes.js";
import { lookupRoutes } from "./lookup-routes.js";
import { Query } from "./query.js";
import { json, type Reply } from "./reply.js";
import { Router, type Lookup } from "./router.js";
import { reportListRoutes } from "./report-list-routes.js";
import { reportRoutes } from "./report-routes.js";
import { serviceRoutes } from "./service-routes.js";
import { shareRoutes } from "./share-routes.js";
import { tagRoutes } from "./tag-routes.js";
import { whitelistRoutes } from "./whitelist-routes.js";
import type { World } from "./world.js";

export const API_PATH = "/api/1.3";
export const TOKEN_PATH = "/oauth/token";

const AREAS: readonly ((world: World) => readonly Route[])[] = [
  serviceRoutes,
  lookupRoutes,
  correlationRoutes,
  indicatorRoutes,
  reportListRoutes,
  reportRoutes,
  shareRoutes,
  tagRoutes,
  whitelistRoutes,
];

const DEFAULT_QUERY_BYTES = 8_192;
const REFUSED_ABOVE_BYTES = 32 * 1024 * 1024;

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly search: string;
  readonly authorization: string | undefined;
  readonly address: string;
  readonly body: string;
}

/** What the service answers, faults apart: token, then limits, then the endpoint. */
export class Api {
  readonly #world: World;
  readonly #router: Router;

  constructor(world: World) {
    this.#world = world;
    this.#router = new Router(AREAS.flatMap((routesOf) => routesOf(world)));
  }

  /** The path template that counts and faults go by. */
  endpointOf(method: string, path: string): string {
    if (path === TOKEN_PATH) return TOKEN_PATH;
    const found = this.#find(method, path);
    return found.kind === "found" ? found.route.template : found.template;
  }

  answer(request: ApiRequest): Reply {
    try {
      if (request.path === TOKEN_PATH) return this.#token(request);
      return this.#call(request);
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      return this.#refuse(cause.status, cause.message, request.path);
    }
  }

  #find(method: string, path: string): Lookup {
    if (!path.startsWith(`${API_PATH}/`)) return { kind: "unknown", template: "(unknown)" };
    // Clients with a trailing slash in their base address send "//".
    return this.#router.find(method, path.slice(API_PATH.length).replace(/^\/+/, "/"));
  }

  #token(request: ApiRequest): Reply {
    if (request.method !== "POST") throw unsupported(request.method);
    const form = new URLSearchParams(request.body);
    if (!form.has("grant_type")) {
      for (const [name, value] of new URLSearchParams(request.search)) form.append(name, value);
    }
    return this.#world.tokens.grant(request.authorization, form);
  }

  #call(request: ApiRequest): Reply {
    const { tokens, limits } = this.#world;
    const found = this.#find(request.method, request.path);
    if (found.kind === "unknown" && !request.path.startsWith(API_PATH)) throw noSuchPath();
    const bearer = bearerOf(request.authorization);
    if (bearer === undefined)
      throw new ApiError(401, "Full authentication is required to access this resource");
    const checked = tokens.check(bearer);
    if ("refused" in checked) return checked.refused;
    const exempt = found.kind === "found" && found.route.quotaExempt === true;
    const limited = limits.admit(checked.account.key, request.address, !exempt);
    if (limited !== undefined) return limited;
    if (found.kind === "unknown") throw noSuchPath();
    if (found.kind === "wrong-method") throw unsupported(request.method);
    if (request.search.length > (limits.limits.queryBytes ?? DEFAULT_QUERY_BYTES)) {
      throw new ApiError(414, "Query string is too long");
    }
    return found.route.handle({
      label: `${request.method} ${found.route.template}`,
      account: checked.account,
      query: new Query(request.search),
      params: found.params,
      body: parseBody(request.body),
    });
  }

  #refuse(status: number, message: string, path: string): Reply {
    return { ...json(null, status), body: errorBody(status, message, path, this.#world.clock.now()) };
  }
}

export function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer (\S+)$/i.exec(authorization ?? "")?.[1];
}

export function isTooLarge(bytes: number): boolean {
  return bytes > REFUSED_ABOVE_BYTES;
}

function parseBody(body: string): unknown {
  if (body === "") return null;
  try {
    return JSON.parse(body);
  } catch {
    throw new ApiError(400, "Malformed JSON request");
  }
}

function unsupported(method: string): ApiError {
  return new ApiError(400, `Request method '${method}' not supported`);
}

function noSuchPath(): ApiError {
  return new ApiError(404, "No message available");
}
