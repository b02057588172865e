import { Agent, request } from "node:https";
import type { ResilientSimulator } from "./resilient-simulator/resilient-simulator.js";
import type { Wire } from "./resilient-simulator/wire.js";

/** Somebody at Resilient's screen, over its REST API: what this one does fires rules. */
export interface Analyst extends Disposable {
  addArtifact(incidentId: number, type: string, value: string, description?: string): Promise<Wire>;
  describeArtifact(incidentId: number, artifactId: number, description: string): Promise<void>;
  removeArtifact(incidentId: number, artifactId: number): Promise<void>;
  /** @param answers the note that this one answers */
  addNote(incidentId: number, text: string, answers?: number): Promise<number>;
  describeIncident(incidentId: number, changes: Wire): Promise<void>;
  deleteIncident(incidentId: number): Promise<void>;
}

interface Answer {
  readonly body: unknown;
  readonly cookie: string | undefined;
}

export async function logInAnalyst(resilient: ResilientSimulator): Promise<Analyst> {
  const agent = new Agent({ ca: resilient.caPem, keepAlive: true });
  const call = (method: string, path: string, body: unknown, headers: Record<string, string>) =>
    send(`${resilient.url}/rest${path}`, method, agent, body, headers);
  const { body, cookie = "" } = await call("POST", "/session", resilient.account, {});
  const session = { cookie, "x-sess-id": String((body as Wire)["csrf_token"]) };
  const ask = async (method: string, path: string, content?: unknown): Promise<unknown> =>
    (await call(method, `/orgs/${resilient.org.id}${path}`, content, session)).body;
  return {
    addArtifact: async (incidentId, type, value, description = "") => {
      const artifact = { type: { name: type }, value, description };
      const made = await ask("POST", `/incidents/${incidentId}/artifacts`, artifact);
      return (made as Wire[])[0] ?? {};
    },
    describeArtifact: async (incidentId, artifactId, description) => {
      await ask("PUT", `/incidents/${incidentId}/artifacts/${artifactId}`, { description });
    },
    removeArtifact: async (incidentId, artifactId) => {
      await ask("DELETE", `/incidents/${incidentId}/artifacts/${artifactId}`);
    },
    addNote: async (incidentId, text, answers) => {
      const note = { text: { format: "text", content: text }, parent_id: answers ?? null };
      return Number(((await ask("POST", `/incidents/${incidentId}/comments`, note)) as Wire)["id"]);
    },
    describeIncident: async (incidentId, changes) => {
      const incident = (await ask("GET", `/incidents/${incidentId}`)) as Wire;
      await ask("PUT", `/incidents/${incidentId}`, { ...incident, ...changes });
    },
    deleteIncident: async (incidentId) => {
      await ask("DELETE", `/incidents/${incidentId}`);
    },
    [Symbol.dispose]: () => {
      agent.destroy();
    },
  };
}

function send(
  url: string,
  method: string,
  agent: Agent,
  body: unknown,
  headers: Record<string, string>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method, agent, headers: { ...headers, "content-type": "application/json" } },
      (res) => {
        const chunks: Buffer[] = [];
        res.on("data", (chunk: Buffer) => chunks.push(chunk));
        res.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          if ((res.statusCode ?? 0) >= 300) reject(new Error(`${method} ${url}: ${res.statusCode} ${text}`));
          else
            resolve({
              body: text === "" ? undefined : JSON.parse(text),
              cookie: res.headers["set-cookie"]?.[0],
            });
        });
      },
    );
    sent.once("error", (error: NodeJS.ErrnoException) => {
      // The server had closed the idle connection in the same moment: nothing of this has reached it.
      if (sent.reusedSocket && error.code === "ECONNRESET") {
        send(url, method, agent, body, headers).then(resolve, reject);
      } else reject(error);
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
