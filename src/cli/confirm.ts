import { StoppedError, type Prompt } from "./prompt.js";

/**
 * Only a plain yes is one. Nobody there to answer: no.
 * @throws StoppedError Ctrl-C
 */
export async function confirm(prompt: Prompt, question: string, signal: AbortSignal): Promise<boolean> {
  try {
    return /^y(?:es)?$/i.test((await prompt.ask(`${question} [y/N] `)).trim());
  } catch (error) {
    if (error instanceof StoppedError && !prompt.interactive && !signal.aborted) return false;
    throw error;
  }
}
