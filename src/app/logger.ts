import { pino, type DestinationStream, type Logger } from "pino";
import type { LogLevel } from "../config/app-config.js";
import { TrustarResilientError } from "../core/errors.js";

/** JSON lines for journald and containers. What could hold a credential is cut out wherever it turns up. */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { app: "trustar-resilient" },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        "authorization",
        "password",
        "secret",
        "*.authorization",
        "*.password",
        "*.secret",
        "*.headers",
        "*.config",
      ],
      censor: "[secret]",
    },
    serializers: { err: describeError },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** A failure that we foresaw is told by its words; a stack helps only with what we did not foresee. */
function describeError(error: Error): object {
  if (!(error instanceof TrustarResilientError)) return pino.stdSerializers.err(error);
  const { code, message, retryable, cause } = error;
  return { code, message, retryable, cause: cause instanceof Error ? cause.message : undefined };
}
