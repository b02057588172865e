import type { IncomingMessage } from "node:http";
import busboy, { type Busboy } from "busboy";
import { InvalidArtifactError } from "../../src/core/errors.js";
import { ClientGoneError } from "../http-problem.js";
import { PartCollector, type ArtifactParts, type PartLimits } from "./part-collector.js";
import { ReplacementMarks } from "./replacement-marks.js";

/** The platform sends two parts; more than a few is no artifact. */
const MAX_PARTS = 16;

/**
 * Reads a multipart body. When it rejects, the rest of the request is unread and the request unharmed, so that the
 * answer still finds its way.
 */
export async function readMultipart(req: IncomingMessage, limits: PartLimits): Promise<ArtifactParts> {
  const parser = openParser(req, limits);
  const marks = new ReplacementMarks();
  const parts = new PartCollector(limits, marks);
  collect(parser, parts);
  await pump(req, parser, marks);
  return parts.result();
}

function collect(parser: Busboy, parts: PartCollector): void {
  parser.on("field", (name, value, { valueTruncated }) => {
    parts.onField(name, value, valueTruncated);
  });
  parser.on("file", (name, stream) => {
    parts.onFile(name, stream);
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
function pump(req: IncomingMessage, parser: Busboy, marks: ReplacementMarks): Promise<void> {
  return new Promise((resolve, reject) => {
    const feed = (chunk: Buffer): void => {
      marks.feed(chunk);
    };
    const onGone = (): void => {
      // A request also closes when it has been read to its end.
      if (!req.readableEnded) stop(new ClientGoneError("body: the connection ended early"));
    };
    const detach = (): void => {
      req.off("data", feed).off("error", onGone).off("close", onGone).unpipe(parser);
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
    // Before the pipe, so that the marks know every byte of a field before the parser hands it over.
    req.on("data", feed);
    req.on("error", onGone).on("close", onGone).pipe(parser);
  });
}
