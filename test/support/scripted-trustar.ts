import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface ScriptedAnswer {
  readonly status?: number;
  /** Sent as it is when it is a text, else as JSON. */
  readonly body: unknown;
}

/** What one endpoint answers to the values it is asked about; `page` counts from 0. */
export type Script = (values: readonly string[], page: number) => ScriptedAnswer;

export interface ScriptedTrustar extends AsyncDisposable {
  readonly url: string;
  /** The values of every call so far, by path below /api/1.3. */
  asked(path: string): readonly (readonly string[])[];
  /** The pages that were asked for, by path below /api/1.3. */
  pages(path: string): readonly number[];
}

/** A TruSTAR that gives out tokens and answers the rest as a test says: for answers that the simulator never gives. */
export async function startScriptedTrustar(
  scripts: Readonly<Record<string, Script>>,
): Promise<ScriptedTrustar> {
  const calls: { readonly path: string; readonly values: readonly string[]; readonly page: number }[] = [];
  const answer = async (request: IncomingMessage): Promise<ScriptedAnswer> => {
    const url = new URL(request.url ?? "/", "http://scripted.example");
    const text = await readText(request);
    if (url.pathname === "/oauth/token") return { body: { access_token: "t", expires_in: 599 } };
    const path = url.pathname.replace("/api/1.3", "");
    const script = scripts[path];
    if (script === undefined) return { status: 503, body: "not scripted" };
    const values = readValues(text, url);
    const page = Number(url.searchParams.get("pageNumber") ?? 0);
    calls.push({ path, values, page });
    return script(values, page);
  };
  const server = createServer((request, response) => {
    void answer(request).then(({ status = 200, body }) => {
      response.writeHead(status, { "content-type": "application/json", "trace-id": "scripted" });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: (path) => calls.filter((call) => call.path === path).map(({ values }) => values),
    pages: (path) => calls.filter((call) => call.path === path).map(({ page }) => page),
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}

/** Of a list of texts, a list of `{value}`, or the query. */
function readValues(text: string, url: URL): readonly string[] {
  if (text === "") return (url.searchParams.get("indicators") ?? "").split(",");
  const asked = JSON.parse(text) as readonly (string | { readonly value: string })[];
  return asked.map((entry) => (typeof entry === "string" ? entry : entry.value));
}
