/** What the image promises, as far as it can be seen without an engine: read-only, no rights, no tools. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort, launch, serverSign, tempFolder } from "../support/product.js";
import { startTrustarSimulator } from "../support/trustar-simulator/start-trustar-simulator.js";
import { openHouse } from "./arena/house.js";

/** Root's files can be read, and that is all: no capability is left, and none can be had. */
const powerless = ["setpriv", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"];

test("it works where it can write nothing but its state, has no right, no home and finds no tool", async () => {
  await using folder = await tempFolder();
  await using trustar = await startTrustarSimulator();
  const house = await openHouse(folder.path, { readOnly: true });
  try {
    const [command, ...args] = [...house.through, "touch", "/usr/can-be-written"];
    await expect(promisify(execFile)(command, args)).rejects.toThrow("Read-only file system");
    const port = await freePort();
    const { key, secret } = trustar.credentials;
    const config = await folder.write(
      "app.config",
      `[webserver]
port = ${port}
[custom_threat_service]
state_file = ${join(house.disk, "lookups.state")}
answer_within_ms = 5000
[trustar_threat_source]
url = ${trustar.url}
user_api_key = ${key}
user_api_secret = ${secret}
`,
    );
    await using product = await launch({
      args: ["run", "--config", config],
      port,
      sign: serverSign,
      through: [...house.through, ...powerless, "env", "-u", "HOME", "PATH=/nowhere"],
    });
    expect(await readFile(`/proc/${product.pid}/status`, "utf8")).toMatch(/CapEff:\s+0+\n/);
    const answer = await fetch(`${product.url}/cts/trustar`, {
      method: "POST",
      body: JSON.stringify({ type: "net.ip", value: "203.0.113.7" }),
    });
    expect(((await answer.json()) as { hits: unknown[] }).hits.length).toBeGreaterThan(0);
    expect(await product.terminate()).toBe(0);
    expect(await readFile(house.file("lookups.state"), "utf8")).toContain('"is":"done"');
  } finally {
    await house.close();
  }
});
