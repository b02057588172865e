import { isNativeError } from "node:util/types";
import express, { type Request, type RequestHandler, type Response } from "express";
import { InvalidArtifactError, PayloadTooLargeError } from "../../src/core/errors.js";
import { ClientGoneError } from "../http-problem.js";
import { charsetOf, decodeText } from "./decode-text.js";

/** Reads a whole body as text, whatever its content type says; gzip, deflate and br are undone on the way. */
export function createJsonTextReader(maxBytes: number): (req: Request, res: Response) => Promise<string> {
  const readRaw = express.raw({ type: () => true, limit: maxBytes });
  return async (req, res) => {
    await run(readRaw, req, res).catch((error: unknown) => {
      throw translate(error, maxBytes);
    });
    const body: unknown = req.body;
    if (!(body instanceof Uint8Array)) throw new InvalidArtifactError("body: empty, expected a JSON object");
    return decodeText(body, charsetOf(req.headers["content-type"]), "body");
  };
}

function run(middleware: RequestHandler, req: Request, res: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    void middleware(req, res, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(isNativeError(error) ? error : new Error("body: can't be read", { cause: error }));
    });
  });
}

/**
 * Only what the client did wrong becomes a 4xx, for that is final. body-parser puts a 400 on everything, also on a
 * decompressor that got no memory, so the kinds are told apart here and the rest stays an unknown error.
 */
function translate(cause: unknown, maxBytes: number): unknown {
  const { type, code } = cause as { readonly type?: unknown; readonly code?: unknown };
  switch (type) {
    case "entity.too.large":
      return new PayloadTooLargeError(`body: more than ${maxBytes} bytes`, { cause });
    case "request.aborted":
      return new ClientGoneError("body: the connection ended early", { cause });
    case "encoding.unsupported":
      return new InvalidArtifactError("content-encoding: not supported, use gzip, deflate, br or none", {
        cause,
      });
    case "request.size.invalid":
      return new InvalidArtifactError("body: another length than content-length says", { cause });
  }
  if (
    typeof code === "string" &&
    /^(?:Z_DATA_ERROR|Z_BUF_ERROR|Z_NEED_DICT|ERR__ERROR_FORMAT_\w+)$/.test(code)
  ) {
    return new InvalidArtifactError("body: doesn't match its content-encoding", { cause });
  }
  return cause;
}
