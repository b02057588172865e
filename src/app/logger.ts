import { pino, type DestinationStream, type Logger } from "pino";
import type { LogLevel } from "../config/app-config.js";

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
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
