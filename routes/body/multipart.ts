import type { IncomingMessage } from "node:http";
import { InvalidArtifactError } from "../../src/core/errors.js";
import { ClientGoneError } from "../http-problem.js";
import { MultipartParser } from "./multipart-parser.js";
import { PartCollector, type ArtifactParts, type PartLimits } from "./part-collector.js";

/** The platform sends two parts; more than a few is no artifact. */
const MAX_PARTS = 16;

/**
 * Reads a multipart body. When it rejects, the rest of the request is unread and the request unharmed, so that the
 * answer still finds its way.
 */
export async function readMultipart(req: IncomingMessage, limits: PartLimits): Promise<ArtifactParts> {
  const parts = new PartCollector(limits);
  let count = 0;
  const parser = new MultipartParser(boundaryOf(req), (headers) => {
    if (++count > MAX_PARTS) throw new InvalidArtifactError(`body: more than ${MAX_PARTS} parts`);
    return parts.open(headers);
  });
  await pump(req, parser);
  return parts.result();
}

function boundaryOf(req: IncomingMessage): string {
  if ((req.headers["content-encoding"] ?? "identity").toLowerCase() !== "identity") {
    throw new InvalidArtifactError("content-encoding: not supported for multipart");
  }
  const contentType = req.headers["content-type"] ?? "";
  const found = /;\s*boundary\s*=\s*(?:"([^"\\]{1,200})"|([^\s;,"]{1,200}))/i.exec(contentType);
  const boundary = found?.[1] ?? found?.[2];
  if (boundary === undefined) throw new InvalidArtifactError("content-type: multipart without a boundary");
  return boundary;
}

/** Not stream.pipeline: that destroys the request on an error, and with it the socket the answer must go through. */
function pump(req: IncomingMessage, parser: MultipartParser): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (error: Error): void => {
      detach().pause();
      reject(error);
    };
    const attempt = (step: () => void): void => {
      try {
        step();
      } catch (error) {
        stop(error as Error);
      }
    };
    const onData = (chunk: Buffer): void => {
      attempt(() => {
        parser.write(chunk);
      });
    };
    const onEnd = (): void => {
      attempt(() => {
        parser.end();
        detach();
        resolve();
      });
    };
    const onGone = (): void => {
      stop(new ClientGoneError("body: the connection ended early"));
    };
    const detach = (): IncomingMessage =>
      req.off("data", onData).off("end", onEnd).off("error", onGone).off("close", onGone);
    req.on("data", onData).on("end", onEnd).on("error", onGone).on("close", onGone);
  });
}
