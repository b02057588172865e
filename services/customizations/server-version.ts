import type { JsonObject } from "../../src/core/action.js";
import { oldestServer } from "./configuration.js";

/** As the server's own export says it. */
export function readServerVersion(exported: JsonObject): JsonObject {
  const version = exported["server_version"];
  return typeof version === "object" && version !== null && !Array.isArray(version)
    ? (version as JsonObject)
    : oldestServer;
}

/** Since version 51 only the text says it: `major` is 0 there. */
export function isTooOld({ version }: JsonObject): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(typeof version === "string" ? version : "") ?? [];
  if (major === undefined) return false;
  const isSameMajor = Number(major) === oldestServer.major;
  return isSameMajor ? Number(minor) < oldestServer.minor : Number(major) < oldestServer.major;
}
