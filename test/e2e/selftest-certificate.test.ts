import { generate } from "selfsigned";
import { createAuthority } from "../support/certificates.js";
import { DAY_MS } from "../../src/core/time.js";
import { freePort, runProgram, startProduct, tempFolder, type Ended } from "../support/product.js";

interface Validity {
  readonly fromDays?: number;
  readonly toDays?: number;
  readonly name?: string;
}

const inDays = (days: number): Date => new Date(Date.now() + days * DAY_MS);

async function selfSigned({ fromDays = -30, toDays = 300, name = "localhost" }: Validity): Promise<string> {
  const { cert, private: key } = await generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: inDays(fromDays),
    notAfterDate: inDays(toDays),
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: name }] }],
  });
  return key + cert;
}

/** @returns how selftest ends, and its line about the threat service */
async function selftest(pem: string, server = "localhost"): Promise<Ended & { readonly line: string }> {
  await using folder = await tempFolder();
  const config = await folder.write(
    "app.config",
    `[webserver]
server = ${server}
port = ${await freePort()}
secure = 1
certfile = ${await folder.write("server.pem", pem)}
[custom_threat_service]
auth_user = u
auth_password = p
[trustar_threat_source]
url = http://127.0.0.1:1
user_api_key = k
user_api_secret = s
`,
  );
  const ended = await runProgram(["selftest", "--config", config]);
  const line = ended.stdout.split("\n").find((one) => one.includes(" Threat service: ")) ?? "";
  return { ...ended, line };
}

test("self-signed and good: by whom, until when, and that Resilient has to trust it", async () => {
  const { line } = await selftest(await selfSigned({}));
  expect(line).toMatch(/^✓ /);
  expect(line).toContain('certificate "localhost" for localhost, signed by itself, valid from ');
  expect(line).toContain(` until ${inDays(300).toISOString().slice(0, 10)}; Resilient has to trust it`);
});

test("signed by the company's authority", async () => {
  const { key, cert } = await (await createAuthority("Corp CA")).issue("localhost", ["127.0.0.1"]);
  const { line } = await selftest(key + cert);
  expect(line).toMatch(/^✓ /);
  expect(line).toContain('signed by "Corp CA"');
  expect(line).toContain("Resilient has to trust that authority");
});

test.each<[what: string, validity: Validity, told: string, fix: string]>([
  ["expired", { toDays: -1 }, "it has expired", "certfile of [webserver]"],
  ["not valid yet", { fromDays: 2 }, "it is not valid yet", "set the clock"],
  ["for another name", { name: "other.example.com" }, "for other.example.com", "-resturl"],
])("%s", async (_what, validity, told, fix) => {
  const { line, code } = await selftest(await selfSigned(validity));
  expect(code).not.toBe(0);
  expect(line).toMatch(/^✗ /);
  expect(line).toContain(told);
  expect(line.split(" → ")[1]).toContain(fix);
});

test("on all addresses only the administrator knows the name, so the names are told", async () => {
  const { line } = await selftest(await selfSigned({ name: "cts.example.com" }), "0.0.0.0");
  expect(line).toMatch(/^✓ .*certificate "cts\.example\.com" for cts\.example\.com, /);
});

test("ends within two weeks", async () => {
  const { line } = await selftest(await selfSigned({ toDays: 10 }));
  expect(line).toMatch(/^! .* → it ends soon: /);
});

test("what the running server shows counts, not what the file says by now", async () => {
  await using folder = await tempFolder();
  const port = await freePort();
  const certFile = await folder.write("server.pem", await selfSigned({ toDays: -1 }));
  const config = await folder.write(
    "app.config",
    `[webserver]\nport = ${port}\nsecure = 1\ncertfile = ${certFile}\n[trustar_threat_source]\n` +
      "url = http://127.0.0.1:1\nuser_api_key = k\nuser_api_secret = s\n",
  );
  await using product = await startProduct(config, port);
  expect(product.ended).toBe(false);
  const { stdout } = await runProgram(["selftest", "--config", config]);
  expect(stdout).toMatch(/^✗ Threat service: the running server answers at https:.* it has expired/m);
});
