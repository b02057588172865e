import { UpstreamError } from "../../src/core/errors.js";

const rounds = 5;

export function isConflict(error: unknown): boolean {
  return error instanceof UpstreamError && error.status === 409;
}

/** Reads and writes again when somebody else was faster: with the fresh object, never with what was read before. */
export async function rereadOnConflict<T>(readAndWrite: () => Promise<T>, what: string): Promise<T> {
  for (let round = 1; round <= rounds; round++) {
    try {
      return await readAndWrite();
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
  throw new UpstreamError(
    "upstream_failed",
    `Could not ${what}: others changed it ${rounds} times meanwhile`,
    {
      status: 409,
    },
  );
}
