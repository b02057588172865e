import { isAccountName, otherTrustarSections } from "./account-name.js";
import type { AccountConfig, WorkerConfig } from "./app-config.js";
import { closestName } from "./closest-name.js";
import type { ConfigReader } from "./config-reader.js";
import type { EnvironmentProxies } from "./environment-proxies.js";
import { parseAccount } from "./parse-account.js";
import { parseResilient } from "./parse-resilient.js";
import type { SectionReader } from "./section-reader.js";
import type { TrustarWay } from "./trustar-way.js";

interface Folders {
  /** The app.config. */
  readonly path: string;
  readonly cwd: string;
  readonly home: string;
}

export const defaultQueue = "trustar";

/** How what is outside is reached. */
interface Ways {
  readonly trustar: TrustarWay;
  readonly environment: EnvironmentProxies;
}

/** Undefined when the file has only a threat source: then nothing else of it has to be right. */
export function parseWorker(reader: ConfigReader, folders: Folders, ways: Ways): WorkerConfig | undefined {
  const trustar = reader.section("trustar");
  const sections = accountSections(reader);
  if (sections.length === 0 && !trustar.exists) return undefined;
  const resilient = reader.section("resilient");
  if (sections.length === 0 && !resilient.has("host")) return undefined;
  const accounts = sections.map((section) => parseAccount(section, folders, ways.trustar));
  checkWorkspaces(accounts, reader);
  if (sections.length === 0) {
    const fix = "add a section such as [trustar_account_1] with a workspace";
    reader.notes.warnings.push(`the worker has no TruSTAR account and can't handle any incident; ${fix}`);
  }
  return {
    resilient: parseResilient(resilient, folders, ways.environment),
    queue: readQueue(trustar),
    healthPort: readHealthPort(trustar),
    accounts,
  };
}

/** Sections that are meant as accounts: by their name and a workspace, as in the legacy app. */
function accountSections(reader: ConfigReader): readonly SectionReader[] {
  return reader.sectionNames.filter(isAccountName).flatMap((name) => {
    const section = reader.section(name);
    const reason = whyIgnored(section);
    if (reason === undefined) return [section];
    const meant = section.mentions("workspace") ? undefined : closestName(name, otherTrustarSections);
    const why = meant === undefined ? `, because ${reason}` : `; did you mean [${meant}]?`;
    reader.notes.warnings.push(`section [${name}] is ignored${why}`);
    return [];
  });
}

function whyIgnored(section: SectionReader): string | undefined {
  if (!section.mentions("workspace"))
    return "it has no workspace; an account lists the workspaces that use it";
  // As `config -u` left it; the Python app passed over it, too.
  if (section.isFilled("workspace") || section.isFilled("enclave_ids_for_submission")) return undefined;
  return "it is as the template has it, without workspace and enclave_ids_for_submission; fill it in or remove it";
}

/** `[trustar] queue`, the programmatic name of the message destination. */
export function readQueue(section: SectionReader): string {
  const queue = section.text("queue") ?? defaultQueue;
  if (!/^[\w-]+(?:\.[\w-]+)*$/.test(queue)) {
    const what = "must be the programmatic name of the message destination, such as trustar";
    section.problem("queue", `${what}, not ${section.shown("queue")}`);
  }
  return queue;
}

/** There is no default: on the threat service's machine its port would be taken. */
function readHealthPort(section: SectionReader): number | undefined {
  if (section.text("health_port") === undefined) return undefined;
  return section.integer("health_port", { min: 1, max: 65_535, fallback: 9_000 });
}

/** A workspace has one account: with two of them nobody could tell where its incidents go. */
function checkWorkspaces(accounts: readonly AccountConfig[], reader: ConfigReader): void {
  const owners = new Map<string, string>();
  for (const { policy } of accounts) {
    for (const workspace of policy.workspaces) {
      const owner = owners.get(workspace.toLowerCase());
      owners.set(workspace.toLowerCase(), owner ?? policy.name);
      if (owner === undefined || owner === policy.name) continue;
      const section = reader.section(policy.name);
      const shown = section.shown("workspace", workspace);
      section.problem(
        "workspace",
        `lists ${shown}, which [${owner}] lists, too; a workspace has one account: the Python app took the first, ` +
          `[${owner}], so remove it here to keep that`,
      );
    }
  }
}
