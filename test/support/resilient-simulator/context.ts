import type { NextFunction, Request, RequestHandler, Response } from "express";
import type { Clock } from "../../../src/core/time.js";
import { ApiError } from "./api-error.js";
import type { Calls } from "./calls.js";
import type { ChangeEvent } from "./conditions.js";
import { rulesOfToken } from "./context-token.js";
import type { Faults } from "./faults.js";
import { plainFormat, type Format } from "./incident-dto.js";
import type { Platform } from "./platform.js";
import type { Sessions } from "./sessions.js";
import type { Permission, PrincipalRecord, World } from "./world.js";

/** What every route needs. */
export interface ServerContext {
  readonly world: World;
  readonly platform: Platform;
  readonly clock: Clock;
  readonly sessions: Sessions;
  readonly faults: Faults;
  readonly calls: Calls;
}

export function principalOf(res: Response): PrincipalRecord {
  return res.locals["principal"] as PrincipalRecord;
}

/** Who makes a change, and which rules that change must not fire. */
export function causeOf(
  context: ServerContext,
  req: Request,
  res: Response,
): Pick<ChangeEvent, "by" | "mutedRules"> {
  const mutedRules = rulesOfToken(req.get("x-co3contexttoken"), context.clock.now());
  return { by: principalOf(res), mutedRules };
}

/** Logged in, a member of the org in the path, and the org is open. */
export function requireMember(context: ServerContext): RequestHandler {
  return (req: Request, res: Response, next: NextFunction) => {
    const principal = context.sessions.identify(req);
    if (principal === undefined) throw new ApiError(401, "Unauthorized");
    const org = context.world.orgs.find((one) => one.id === Number(req.params["org"]));
    if (org === undefined || !org.enabled || !principal.orgIds.includes(org.id)) {
      throw new ApiError(403, "You are not a member of this organization.");
    }
    res.locals["principal"] = principal;
    next();
  };
}

export function allow(permission: Permission): RequestHandler {
  return (_req, res, next) => {
    if (!principalOf(res).permissions.has(permission)) {
      throw new ApiError(403, `You do not have the permission required for this operation (${permission}).`, [
        permission,
      ]);
    }
    next();
  };
}

/** In the query or in the headers. */
export function formatOf(req: Request): Format {
  const wish = (name: string): unknown => req.query[name] ?? req.get(name);
  const handles = wish("handle_format");
  const text = wish("text_content_output_format");
  return {
    handles: handles === "names" || handles === "objects" ? handles : plainFormat.handles,
    text:
      text === "always_text" || text === "objects_convert" || text === "objects_convert_html"
        ? text
        : plainFormat.text,
  };
}

export function idOf(req: Request, name: string): number {
  return Number(req.params[name]);
}
