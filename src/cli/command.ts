import type { Half } from "../config/idle-half.js";

/** What the user asked for: argv as a value. */
export type Command =
  | {
      readonly name: "run";
      readonly configPath: string | undefined;
      readonly only: Half | undefined;
    }
  | {
      readonly name: "lookup";
      readonly configPath: string | undefined;
      readonly value: string;
      readonly type: string;
      readonly json: boolean;
    }
  | {
      readonly name: "config";
      readonly action: "create" | "update";
      /** undefined = the usual one */
      readonly configPath: string | undefined;
    }
  | {
      readonly name: "keyring";
      readonly configPath: string | undefined;
      readonly status: boolean;
      /** `section/key` of the only value to ask for */
      readonly only: string | undefined;
    }
  | {
      readonly name: "customize";
      readonly configPath: string | undefined;
      readonly yes: boolean;
      readonly dryRun: boolean;
      /** Write a file instead of changing a server. */
      readonly exportTo: string | undefined;
    }
  | {
      readonly name: "selftest";
      readonly configPath: string | undefined;
      readonly only: Half | undefined;
      readonly json: boolean;
    }
  | {
      readonly name: "preview";
      readonly configPath: string | undefined;
      readonly incidentId: number;
      readonly json: boolean;
    }
  /** Help, the version, or a complaint: text that has been made already, and the exit code that goes with it. */
  | { readonly name: "say"; readonly text: string; readonly exitCode: number };

/** 0: done. 1: could not do it. 2: used wrongly (command line or configuration). */
export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

export interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}
