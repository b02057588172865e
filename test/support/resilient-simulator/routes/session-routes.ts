import { Router, type Response } from "express";
import { ApiError } from "../api-error.js";
import type { ServerContext } from "../context.js";
import { asWire, type Wire } from "../wire.js";
import type { PrincipalRecord, World } from "../world.js";

/** `/rest/session`: both ways to log in. */
export function sessionRoutes(context: ServerContext, secure: boolean): Router {
  const router = Router();
  router.post("/session", (req, res) => {
    const { email, password } = asWire(req.body);
    const session = context.sessions.logIn(email, password);
    if (session === undefined) throw new ApiError(401, "Invalid user name or password.");
    setCookie(res, session.cookie, secure);
    const [user_fname, user_lname] = session.principal.displayName.split(" ");
    res.json({
      ...sessionDto(context.world, session.principal),
      csrf_token: session.csrfToken,
      user_id: session.principal.id,
      user_fname,
      user_lname,
      user_email: session.principal.login,
      session_ip: req.socket.remoteAddress,
      is_saml: false,
      is_ldap: false,
    });
  });
  router.get("/session", (req, res) => {
    const principal = context.sessions.identify(req);
    if (principal === undefined) throw new ApiError(401, "Unauthorized");
    const { id, kind } = principal;
    const handle = kind === "api-key" ? { api_key_handle: id, client_id: principal.login } : { user_id: id };
    res.json({
      ...sessionDto(context.world, principal),
      csrf_token: "unused",
      session_ip: req.socket.remoteAddress,
      ...handle,
    });
  });
  return router;
}

function setCookie(res: Response, value: string, secure: boolean): void {
  res.cookie("JSESSIONID", value, { path: "/", httpOnly: true, secure });
  res.cookie("lb", "node-1", { path: "/" });
}

function sessionDto(world: World, principal: PrincipalRecord): Wire {
  const orgs = world.orgs.filter((org) => principal.orgIds.includes(org.id));
  return {
    orgs: orgs.map(({ id, name, uuid, cloudAccount, enabled }) => ({
      id,
      name,
      uuid,
      cloud_account: cloudAccount,
      enabled,
      attachments_enabled: true,
      has_saml: false,
      require_saml: false,
      supports_ldap: false,
      session_timeout: 1200,
      incident_deletion_allowed: true,
      configuration_type: "standard",
      parent_org: null,
      perms: null,
      effective_permissions: [],
      role_handles: [],
    })),
    display_name: principal.displayName,
    password_expiration_date: null,
  };
}
