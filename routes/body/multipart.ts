import type { IncomingMessage } from "node:http";
import busboy, { type Busboy } from "busboy";
import { InvalidArtifactError } from "../../src/core/errors.js";
import { ClientGoneError } from "../http-problem.js";
import { charsetOf } from "./decode-text.js";
import { PartCollector, type ArtifactParts, type PartLimits } from "./part-collector.js";

/** The platform sends two parts; more than a few is no artifact. */
const MAX_PARTS = 16;

/**
 * Reads a multipart body. When it rejects, the rest of the request is unread and the request unharmed, so that the
 * answer still finds its way.
 */
export async function readMultipart(req: IncomingMessage, limits: PartLimits): Promise<ArtifactParts> {
  const parser = openParser(req, limits);
  const parts = new PartCollector(limits);
  collect(parser, parts);
  await pump(req, parser);
  return parts.result();
}

function collect(parser: Busboy, parts: PartCollector): void {
  let charset = "";
  takeBytes(parser, (given) => (charset = given));
  parser.on("field", (name, value, { valueTruncated }) => {
    parts.onField(name, Buffer.from(value, "latin1"), charset, valueTruncated);
  });
  parser.on("file", (name, stream) => {
    parts.onFile(name, stream, charset);
  });
}

interface HeaderParser {
  cb: (headers: Record<string, string[]>) => void;
}

/**
 * Has every field handed over as its bytes, one character each, and tells the charset of each part first. busboy 1.6 has
 * no option for that: it decodes by itself, knows few names of charsets, and puts U+FFFD where it should refuse. So this
 * reaches for the parser of headers that it sets up at the first part.
 */
function takeBytes(parser: Busboy, onCharset: (charset: string) => void): void {
  Object.defineProperty(parser, "_hparser", {
    configurable: true,
    get: () => null,
    set: (headerParser: HeaderParser | null) => {
      Object.defineProperty(parser, "_hparser", { value: headerParser, writable: true });
      if (headerParser === null) return;
      const take = headerParser.cb;
      headerParser.cb = (headers) => {
        const [contentType] = headers["content-type"] ?? [];
        onCharset(charsetOf(contentType));
        if (contentType !== undefined) headers["content-type"] = [contentType.replace(/;.*/s, "")];
        take(headers);
      };
    },
  });
}

function openParser(req: IncomingMessage, limits: PartLimits): Busboy {
  if ((req.headers["content-encoding"] ?? "identity").toLowerCase() !== "identity") {
    throw new InvalidArtifactError("content-encoding: not supported for multipart");
  }
  // Only the boundary is taken over: busboy refuses headers that other servers read without complaint.
  const contentType = req.headers["content-type"] ?? "";
  const found = /;\s*boundary\s*=\s*(?:"([^"\\]{1,200})"|([^\s;,"]{1,200}))/i.exec(contentType);
  const boundary = found?.[1] ?? found?.[2];
  if (boundary === undefined) throw new InvalidArtifactError("content-type: multipart without a boundary");
  return busboy({
    headers: { "content-type": `multipart/form-data; boundary="${boundary}"` },
    defCharset: "latin1",
    defParamCharset: "utf8",
    // One more than allowed: busboy reports a limit when it is reached, we when it is passed.
    limits: { parts: MAX_PARTS + 1, fieldSize: limits.maxBodyBytes + 1 },
  });
}

/** busboy's two complaints about what the client sent; anything else is no fault of the artifact. */
function translate(cause: Error): Error {
  switch (cause.message) {
    case "Unexpected end of form":
    case "Unexpected end of file":
      return new InvalidArtifactError("body: multipart ends without its closing boundary", { cause });
    case "Malformed part header":
      return new InvalidArtifactError("body: multipart has a malformed or endless part header", { cause });
    default:
      return cause;
  }
}

/** Not stream.pipeline: that destroys the request on an error, and with it the socket the answer must go through. */
function pump(req: IncomingMessage, parser: Busboy): Promise<void> {
  return new Promise((resolve, reject) => {
    const onGone = (): void => {
      // A request also closes when it has been read to its end.
      if (!req.readableEnded) stop(new ClientGoneError("body: the connection ended early"));
    };
    const detach = (): void => {
      req.off("error", onGone).off("close", onGone).unpipe(parser);
    };
    const stop = (error: Error): void => {
      detach();
      reject(error);
      parser.destroy();
    };
    parser.on("partsLimit", () => {
      stop(new InvalidArtifactError(`body: more than ${MAX_PARTS} parts`));
    });
    // Stays for good: a destroyed parser still reports how it ended.
    parser.on("error", (cause) => {
      stop(translate(cause as Error));
    });
    parser.on("close", () => {
      detach();
      resolve();
    });
    req.on("error", onGone).on("close", onGone).pipe(parser);
  });
}
