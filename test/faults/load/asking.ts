import { request } from "node:http";
import { text as readText } from "node:stream/consumers";
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
export function ask(url: string, artifact?: object): Promise<WireAnswer | undefined> {
  return new Promise((resolve, reject) => {
    const body = artifact === undefined ? undefined : JSON.stringify(artifact);
    const sent = request(url, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Basic ${login}`, "content-type": "application/json" },
      // A connection each: what the program has open later is then its own doing.
      agent: false,
    });
    const timer = setTimeout(() => {
      reject(new Error(`no answer from ${url} within ${patienceMs} ms`));
      sent.destroy();
    }, patienceMs);
    sent.once("error", () => {
      resolve(undefined);
    });
    sent.once("close", () => {
      clearTimeout(timer);
    });
    sent.once("response", (response) => {
      readText(response)
        .catch(() => undefined)
        .then((text) => (text === undefined ? undefined : toAnswer(response.statusCode ?? 0, text)))
        .then(resolve, reject);
    });
    sent.end(body);
  });
}

function toAnswer(status: number, text: string): WireAnswer {
  const { id, hits, error } = JSON.parse(text) as Partial<WireAnswer>;
  return { status, id: id ?? "", hits: hits ?? [], error };
}
