import { logInAnalyst, type Analyst } from "./analyst.js";
import { freePort, startWorker, tempFolder, type Product, type TempFolder } from "./product.js";
import type { Wire } from "./resilient-simulator/wire.js";
import { connectPlainly } from "./trustar-simulator/plain-client.js";
import { startSoar, type LoginKind, type Soar, type SoarOptions } from "./soar.js";
import {
  startTrustarSimulator,
  type Report,
  type TrustarSimulator,
  type TrustarSimulatorOptions,
} from "./trustar-simulator/start-trustar-simulator.js";

/** One `[trustar_<name>]` section. */
export interface AccountPlan {
  readonly name: string;
  /** Whose company it is; the first TruSTAR unless given. */
  readonly trustar?: TrustarSimulator;
  /** Names of enclaves. */
  readonly enclaves?: readonly string[];
  readonly workspace?: string;
  /** Further keys, or others than the defaults. */
  readonly keys?: Readonly<Record<string, string>>;
}

export interface WorldPlan {
  readonly login?: LoginKind;
  /** `[trustar] queue`; default trustar. */
  readonly queue?: string;
  readonly soar?: SoarOptions;
  /** Further keys of [resilient]. */
  readonly resilient?: Readonly<Record<string, string>>;
  readonly trustar?: TrustarSimulatorOptions;
  readonly accounts?: readonly AccountPlan[];
  /** Whether [trustar_threat_source] is there; default true. */
  readonly threatSource?: boolean;
  /** Both halves, or the worker alone; the latter by default where there is no threat source. */
  readonly halves?: "both" | "worker";
  /** Whether a worker alone tells of its health, at the product's `url`. */
  readonly probes?: boolean;
  /** Default: beside the app.config. */
  readonly stateFile?: string;
  /** The app.config as the program gets it: others in between, for instance. */
  readonly edit?: (config: string, soar: Soar, trustar: TrustarSimulator) => Promise<string>;
  /** What is seeded before the program starts. */
  readonly prepare?: (soar: Soar, trustar: TrustarSimulator) => void;
}

/** The built program between a SOAR and a TruSTAR, all of them real processes or real sockets. */
export interface WorkerWorld extends AsyncDisposable {
  readonly soar: Soar;
  readonly trustar: TrustarSimulator;
  readonly analyst: Analyst;
  readonly folder: TempFolder;
  /** The program that runs now. */
  readonly product: Product;
  /** Everything that all programs so far have printed. */
  output(): string;
  enclave(name: string): string;
  /** Stores a report of somebody else's: what it holds is related from then on. */
  know(enclave: string, body: string, trustar?: TrustarSimulator): Promise<void>;
  /** Reports of an incident, in any enclave. */
  reportsOf(incidentId: number, trustar?: TrustarSimulator): readonly Report[];
  /** Notes of an incident as HTML. */
  notesOf(incidentId: number): readonly string[];
  artifactsOf(incidentId: number): readonly Wire[];
  /** Clicks on a menu item and waits for the status. */
  click(rule: string, incidentId: number, artifactId?: number): Promise<Status>;
  /** Calls a function on its own and waits for its result. */
  call(name: string, inputs: Wire): Promise<Status>;
  /** Statuses of all actions of that name, finished or not. */
  statuses(name: string): readonly Status[];
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** One line of Resilient's "Action Status". */
export interface Status {
  readonly outcome: "pending" | "complete" | "error";
  readonly message: string;
  readonly results: Wire | undefined;
}

export async function openWorkerWorld(plan: WorldPlan = {}): Promise<WorkerWorld> {
  const { halves = plan.threatSource === false ? "worker" : "both" } = plan;
  const folder = await tempFolder();
  const trustar = await startTrustarSimulator(plan.trustar);
  const soar = await startSoar(plan.soar);
  plan.prepare?.(soar, trustar);
  const analyst = await logInAnalyst(soar.resilient);
  const port = await freePort();
  const text = await appConfig(plan, soar, trustar, folder.path, port);
  const config = await folder.write("app.config", (await plan.edit?.(text, soar, trustar)) ?? text);
  const start = (): Promise<Product> =>
    startWorker(config, port, ...(halves === "worker" ? ["--only", "worker"] : []));
  let product = await start();
  let printed = "";
  const statusOf = (invocation: Invocation): Status => toStatus(invocation);
  const finished = async (invocation: Invocation): Promise<Status> => {
    await soar.replies.until(() => invocation.status !== "pending");
    return statusOf(invocation);
  };
  const record = (incidentId: number) => soar.resilient.incident(incidentId);
  return {
    soar,
    trustar,
    analyst,
    folder,
    get product() {
      return product;
    },
    output: () => printed + product.output(),
    enclave: (name) => enclaveId(trustar, name),
    know: (enclave, body, where = trustar) => storeReport(where, enclaveId(where, enclave), body),
    reportsOf: (incidentId, where = trustar) =>
      where
        .reports()
        .filter(({ externalTrackingId = "" }) =>
          new RegExp(`^RESILIENT${incidentId}(-|$)`).test(externalTrackingId),
        ),
    notesOf: (incidentId) => record(incidentId).comments.map(({ text }) => String(text)),
    artifactsOf: (incidentId) => record(incidentId).artifacts,
    click: async (rule, incidentId, artifactId) =>
      finished(soar.resilient.invokeRule(rule, incidentId, artifactId)[0]!),
    call: async (name, inputs) => finished(soar.resilient.invokeFunction(name, inputs)),
    statuses: (name) => soar.resilient.invocations.filter((one) => one.name === name).map(statusOf),
    kill: async () => {
      await product.kill();
      printed += product.output();
    },
    start: async () => {
      product = await start();
    },
    [Symbol.asyncDispose]: async () => {
      await product.kill();
      analyst[Symbol.dispose]();
      await soar[Symbol.asyncDispose]();
      await trustar.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

type Invocation = Soar["resilient"]["invocations"][number];

function toStatus({ status, replies }: Invocation): Status {
  const last = replies.findLast(({ complete }) => complete);
  return { outcome: status, message: last?.message ?? "", results: last?.results };
}

function enclaveId({ enclaves }: TrustarSimulator, name: string): string {
  const found = enclaves.find((one) => one.name === name);
  if (found === undefined) throw new Error(`the simulator has no enclave "${name}"`);
  return found.id;
}

async function storeReport(trustar: TrustarSimulator, enclave: string, reportBody: string): Promise<void> {
  const client = await connectPlainly(trustar);
  const { status, text } = await client.call("POST", "/reports", {
    title: "Campaign",
    reportBody,
    enclaveIds: [enclave],
  });
  if (status !== 200) throw new Error(`the simulator refused a report: ${text}`);
}

async function appConfig(
  {
    login,
    queue = "trustar",
    resilient = {},
    accounts = [{ name: "account_1" }],
    threatSource = true,
    probes,
    stateFile,
  }: WorldPlan,
  soar: Soar,
  trustar: TrustarSimulator,
  folder: string,
  port: number,
): Promise<string> {
  const health = probes === true ? `\nhealth_port = ${port}` : "";
  const sections = [
    `${await soar.section(folder, login)}${lines(resilient)}`,
    `[webserver]\nport = ${port}\n[trustar]\nqueue = ${queue}${health}`,
    ...accounts.map((account) => accountSection(account, trustar)),
  ];
  if (stateFile !== undefined) sections.push(`[custom_threat_service]\nstate_file = ${stateFile}`);
  if (threatSource) sections.push(`[trustar_threat_source]\n${lines(access(trustar))}`);
  return `${sections.join("\n")}\n`;
}

function accountSection(plan: AccountPlan, first: TrustarSimulator): string {
  const { name, trustar = first, enclaves = ["Acme private"], workspace, keys = {} } = plan;
  return `[trustar_${name}]\n${lines({
    ...access(trustar),
    enclave_ids_for_submission: enclaves.map((one) => enclaveId(trustar, one)).join(","),
    workspace: workspace ?? "Default workspace, SOC East",
    auto_submission: "enable",
    ...keys,
  })}`;
}

/** The simulator has no limit of its own unless told so; ours would make a load test last for minutes. */
function access({ url, credentials: { key, secret } }: TrustarSimulator): Record<string, string> {
  return { url, user_api_key: key, user_api_secret: secret, calls_per_minute: "6000" };
}

function lines(keys: Readonly<Record<string, string>>): string {
  return Object.entries(keys)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join("");
}
