import { setTimeout as delay } from "node:timers/promises";
import { TLSSocket } from "node:tls";
import type { NextFunction, Request, Response } from "express";
import type { Sessions } from "./sessions.js";

/** What goes wrong, for how many calls, and which ones. */
export interface Fault {
  readonly kind: "status" | "hang" | "reset" | "latency" | "half-body" | "not-json" | "session-drop";
  readonly method?: string | undefined;
  /** Part of the path, or a pattern for it. */
  readonly path?: string | RegExp | undefined;
  /** Absent = once. */
  readonly times?: number | undefined;
  /** For `status`. */
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
  /** The answer repeats what the request proved itself with, and its body. For `status`. */
  readonly repeats?: boolean | undefined;
  /** For `latency`. */
  readonly ms?: number | undefined;
  /** `after`: the request is carried out and only its answer gets lost. For `reset`. */
  readonly when?: "before" | "after" | undefined;
}

export class Faults {
  #armed: { readonly fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#armed.push({ fault, left: fault.times ?? 1 });
  }

  /** One of those that were added. */
  remove(fault: Fault): void {
    this.#armed = this.#armed.filter((entry) => entry.fault !== fault);
  }

  /** How many calls it can still meet; 0 once it is removed. */
  left(fault: Fault): number {
    return this.#armed.find((entry) => entry.fault === fault)?.left ?? 0;
  }

  clear(): void {
    this.#armed = [];
  }

  take(method: string, path: string): Fault | undefined {
    const found = this.#armed.find(({ fault, left }) => left > 0 && matches(fault, method, path));
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.fault;
  }
}

function matches(fault: Fault, method: string, path: string): boolean {
  if (fault.method !== undefined && fault.method !== method) return false;
  if (fault.path === undefined) return true;
  return typeof fault.path === "string" ? path.includes(fault.path) : fault.path.test(path);
}

export function faultMiddleware(faults: Faults, sessions: Sessions) {
  return async (req: Request, res: Response, next: NextFunction): Promise<void> => {
    const fault = faults.take(req.method, req.originalUrl);
    switch (fault?.kind) {
      case undefined:
        next();
        return;
      case "status":
        res.set({ ...fault.headers });
        res
          .status(fault.status ?? 500)
          .send(
            fault.repeats === true
              ? repeated(req)
              : (fault.body ?? { success: false, message: "Injected failure", hints: [] }),
          );
        return;
      case "hang":
        return;
      case "reset":
        if (fault.when === "after") loseAnswer(req, res, next);
        else cutOff(req);
        return;
      case "latency":
        await delay(fault.ms ?? 50);
        next();
        return;
      case "half-body":
        res.set({ "content-type": "application/json", "content-length": "1000" }).write('{"id": 7, "na');
        setTimeout(() => req.socket.destroy(), 5);
        return;
      case "not-json":
        res.type("html").send("<html><body>Welcome to the proxy</body></html>");
        return;
      case "session-drop":
        sessions.dropAll();
        next();
    }
  };
}

/** As they came, and the log-in read as servers read it. */
function repeated(req: Request): object {
  const authorization = req.get("authorization") ?? "";
  const pair = Buffer.from(authorization.replace(/^Basic /, ""), "base64").toString("utf8");
  const shown = [pair, authorization, req.get("cookie"), req.get("x-sess-id"), req.get("x-co3contexttoken")];
  return {
    success: false,
    message: `No: ${shown.filter(Boolean).join(" ")}`,
    hints: [JSON.stringify(req.body)],
  };
}

function loseAnswer(req: Request, res: Response, next: NextFunction): void {
  res.end = () => {
    cutOff(req);
    return res;
  };
  next();
}

/** TLS can't send the reset of TCP; there the end comes without TLS's good-bye. */
function cutOff({ socket }: Request): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}
