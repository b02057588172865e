import { codeOf } from "../core/error-code.js";

/** What a person is told of a failure that this program did not foresee: no stack, unless LOGLEVEL asks for one. */
export function unforeseen(
  args: readonly string[],
  error: unknown,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const [said = ""] = message
    .replace(/\p{Cc}/gu, "\n")
    .trim()
    .split("\n");
  const command = ["trustar-resilient", ...args.slice(0, 1)].join(" ");
  const isDebug = env["LOGLEVEL"]?.toUpperCase() === "DEBUG";
  // The system's own, such as a full disk, says what is to be mended.
  const advice =
    codeOf(error) === "" || !(error instanceof Error && "syscall" in error)
      ? "This is a fault in the program itself: please report it, with what LOGLEVEL=DEBUG shows below this line"
      : "The system refused that: look at its disk, its network and this user's rights";
  return `${command} has failed: ${said.slice(0, 300)}\n${advice}.\n${isDebug ? `${stack ?? ""}\n` : ""}`;
}
