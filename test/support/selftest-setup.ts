import { createAuthority } from "./certificates.js";
import type { BrokerUser } from "./broker-users.js";
import { freePort, runProgram, tempFolder, type Ended, type TempFolder } from "./product.js";
import { startSoar, type Soar } from "./soar.js";
import {
  startTrustarSimulator,
  type TrustarSimulator,
  type TrustarSimulatorOptions,
} from "./trustar-simulator/start-trustar-simulator.js";

/** A whole chain in which every link is good, and the built program to try it. */
export interface SelftestSetup extends AsyncDisposable {
  readonly soar: Soar;
  readonly trustar: TrustarSimulator;
  readonly folder: TempFolder;
  readonly port: number;
  readonly configPath: string;
  /** Runs selftest on the configuration after `edit`. */
  run(edit?: (config: string) => string, ...args: string[]): Promise<Ended>;
}

export async function setUpSelftest(
  options: TrustarSimulatorOptions = {},
  brokerUser: Partial<BrokerUser> = {},
): Promise<SelftestSetup> {
  const folder = await tempFolder();
  const authority = await createAuthority("Corp Inspection CA");
  const extraCa = await folder.write("extra.pem", authority.ca);
  const trustar = await startTrustarSimulator({
    tls: await authority.issue("localhost", ["127.0.0.1"]),
    ...options,
  });
  const soar = await startSoar({ brokerUser });
  const port = await freePort();
  const { key, secret } = trustar.credentials;
  const login = `url = ${trustar.url}\nuser_api_key = ${key}\nuser_api_secret = ${secret}\n`;
  const text = `${await soar.section(folder.path)}
[webserver]
port = ${port}
[custom_threat_service]
auth_user = resilient
auth_password = cts-pass-word
[trustar]
queue = trustar
[trustar_threat_source]
${login}
[trustar_account_1]
${login}
enclave_ids_for_submission = ${trustar.enclaves[0]!.id}
workspace = Default workspace
incident_content_to_submit = summary,notes,breach,artifacts
`;
  const configPath = await folder.write("app.config", text);
  return {
    soar,
    trustar,
    folder,
    port,
    configPath,
    run: async (edit = (config) => config, ...args) => {
      const config = await folder.write("selftest.config", edit(text));
      const ended = await runProgram(["selftest", "--config", config, ...args], {
        NODE_EXTRA_CA_CERTS: extraCa,
      });
      const everything = ended.stdout + ended.stderr;
      for (const word of [secret, soar.resilient.apiKey.secret, "cts-pass-word"])
        expect(everything).not.toContain(word);
      return ended;
    },
    [Symbol.asyncDispose]: async () => {
      await trustar.close();
      await soar[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

export const replace = (from: string | RegExp, to: string) => (config: string) => {
  expect(config).toMatch(from);
  return config.replace(from, to);
};

/** The lines that begin with a mark, without it. */
export const lines = ({ stdout }: Ended, mark: "✓" | "✗" | "!" | "-"): readonly string[] =>
  stdout
    .split("\n")
    .filter((line) => line.startsWith(`${mark} `))
    .map((line) => line.slice(2));

/** Exactly one link is broken: this one. @returns its line */
export function onlyBroken(ended: Ended, title: string): string {
  const broken = lines(ended, "✗");
  expect(broken).toEqual([expect.stringContaining(`${title}: `)]);
  expect(broken[0]).toContain(" → ");
  return broken[0] ?? "";
}
