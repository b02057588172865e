import { ctsLogin } from "../arena/arena-config.js";

export interface WireAnswer {
  readonly status: number;
  readonly id: string;
  readonly hits: readonly { readonly props: readonly { readonly name: string; readonly value: string }[] }[];
  readonly error: string | undefined;
}

const login = Buffer.from(`${ctsLogin.user}:${ctsLogin.password}`).toString("base64");
/** The platform's own patience is longer; nothing here may take a tenth of it. */
const patienceMs = 10_000;

/** As Resilient asks. @returns undefined when nobody answers: the program is down, or went down meanwhile */
export async function ask(url: string, artifact?: object): Promise<WireAnswer | undefined> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: artifact === undefined ? "GET" : "POST",
      headers: { authorization: `Basic ${login}`, "content-type": "application/json" },
      body: artifact === undefined ? null : JSON.stringify(artifact),
      redirect: "manual",
      signal: AbortSignal.timeout(patienceMs),
    });
    text = await response.text();
  } catch (error) {
    if (error instanceof DOMException && error.name === "TimeoutError") {
      throw new Error(`no answer from ${url} within ${patienceMs} ms`, { cause: error });
    }
    return undefined;
  }
  const { id, hits, error } = JSON.parse(text) as Partial<WireAnswer>;
  return { status: response.status, id: id ?? "", hits: hits ?? [], error };
}
