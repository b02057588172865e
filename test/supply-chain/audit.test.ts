/** The real npm against a registry of ours. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const advisory = {
  id: 1,
  url: "https://registry.example/advisories/1",
  title: "Everything can be read",
  severity: "critical",
  vulnerable_versions: "*",
};

async function audit(answer: (path: string) => { status: number; body: object }) {
  const server = createServer((req, res) => {
    const { status, body } = answer(req.url ?? "");
    req.resume().once("end", () => {
      res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const child = spawn("npm", ["run", "--silent", "audit"], {
    cwd: root,
    env: {
      ...process.env,
      npm_config_registry: `http://127.0.0.1:${port}/`,
      npm_config_fetch_retries: "0",
      npm_config_noproxy: "127.0.0.1",
    },
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const [code] = (await once(child, "close")) as [number];
  server.close();
  return { code, text };
}

test("nothing known is exit code 0", async () => {
  expect(await audit(() => ({ status: 200, body: {} }))).toEqual({
    code: 0,
    text: "0 packages with known vulnerabilities\n",
  });
});

test("a known vulnerability of what is shipped is exit code 1 and named", async () => {
  const { code, text } = await audit((path) =>
    path.endsWith("/advisories/bulk")
      ? { status: 200, body: { htmlparser2: [advisory] } }
      : { status: 404, body: {} },
  );
  expect(code).toBe(1);
  expect(text).toContain("critical: htmlparser2");
});

test("a registry that has no answer is told as such: nothing was checked", async () => {
  const { code, text } = await audit(() => ({ status: 405, body: {} }));
  expect(code).toBe(3);
  expect(text).toContain("NOT AUDITED");
});
