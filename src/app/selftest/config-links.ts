import { loadConfig, valuesInUse } from "../../config/load-config.js";
import { loadSecretsOfConfig } from "../../config/load-secret-store.js";
import { readConfigFile } from "../../config/config-file.js";
import type { AppConfig, WorkerConfig } from "../../config/app-config.js";
import type { Halves } from "../../config/idle-half.js";
import type { ConfigPlaces } from "../../config/locate-config.js";
import { howToBringOver } from "../../config/python-keyrings.js";
import { describeSecretStore } from "../../config/secret-store.js";
import { secretSources, type SecretSources } from "../../config/secret-sources.js";
import { ConfigError, TrustarResilientError } from "../../core/errors.js";
import type { Keyring } from "../../core/ports.js";
import { openSecretStore } from "../secret-store.js";
import { circuitsExitCodes, failed, ok, warning, type Link, type Verdict } from "./link.js";

/** resilient-circuits has no code for it; in this program 2 is a configuration that can't be used. */
const configExitCode = 2;

/** The file is there, readable and right, whatever its secrets are. */
export function configLink(places: ConfigPlaces & Halves): Link {
  return {
    id: "config",
    title: "Configuration",
    needs: [],
    fix: "correct it; app.config.example has every key with its meaning",
    exitCode: configExitCode,
    check: () => Promise.resolve(checkConfig(places)),
  };
}

function checkConfig(places: ConfigPlaces & Halves): Verdict {
  try {
    const config = loadWithoutKeyring(places);
    const { path, warnings } = config;
    const { worker, threatSource } = wantedHalves(config, places);
    const halves = [threatSource && "threat service", worker && "worker"].filter(
      (half) => half !== undefined,
    );
    const configured = `${path} configures ${halves.length === 0 ? "nothing to run" : halves.join(" and ")}`;
    const detail = [configured, ...termCounts(worker)].join("; ");
    if (halves.length === 0) {
      return failed(
        detail,
        "add [trustar_threat_source], or [resilient] and a [trustar_<name>] section",
        configExitCode,
      );
    }
    if (worker?.accounts.length === 0) {
      return failed(
        `${detail}; ${warnings.join("; ")}`,
        "give a [trustar_<name>] section its workspace, or remove [resilient] and [trustar] if no worker is wanted",
        configExitCode,
      );
    }
    return warnings.length === 0 ? ok(detail) : warning(`${detail}; ${warnings.join("; ")}`);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const isCaFile = error.problems.some(
      (problem) => /cafile|CA_BUNDLE/.test(problem) && /can't be read/.test(problem),
    );
    const exitCode = isCaFile ? circuitsExitCodes.caFileNotFound : configExitCode;
    return failed(told(error.problems), "correct what is named here", exitCode);
  }
}

/** What `--only` leaves of a configuration. */
export function wantedHalves(config: AppConfig, { only }: Halves): AppConfig {
  return {
    ...config,
    threatSource: only === "worker" ? undefined : config.threatSource,
    worker: only === "server" ? undefined : config.worker,
  };
}

/** A leak guard that is off in silence is the worst that a typing error in redact_terms can do. */
function termCounts(worker: WorkerConfig | undefined): readonly string[] {
  const counts = (worker?.accounts ?? []).map(
    ({ policy }) => `${policy.leakGuard.redactTerms.length} in [${policy.name}]`,
  );
  return counts.length === 0 ? [] : [`redact_terms in force: ${counts.join(", ")}`];
}

/** Each problem names the file; here once is enough. */
function told([first = "", ...others]: readonly string[]): string {
  const [file = ""] = /^.+?: (?=\[)/.exec(first) ?? [];
  return [first, ...others.map((one) => (one.startsWith(file) ? one.slice(file.length) : one))].join("; ");
}

/** Secrets have a link of their own: one that is missing does not make the file wrong. */
function loadWithoutKeyring(places: ConfigPlaces & Halves): AppConfig {
  return loadConfig({ ...places, openKeyring: () => ({ read: () => "?" }) });
}

/** Every `^` secret is to be had; tells where all secrets come from. */
export function secretsLink(places: ConfigPlaces & Halves): Link {
  return {
    id: "secrets",
    title: "Secrets",
    needs: ["config"],
    fix: "trustar-resilient keyring stores them",
    exitCode: configExitCode,
    check: () => Promise.resolve(checkSecrets(places)),
  };
}

function checkSecrets(places: ConfigPlaces & Halves): Verdict {
  const { path, store, names } = loadSecretsOfConfig(places);
  const inUse = valuesInUse(places);
  const keyring = openSecretStore(store);
  const place = describeSecretStore(store);
  const missing: string[] = [];
  const wanted = names.filter(({ usedBy }) => usedBy.some((value) => inUse.has(value)));
  const secrets = wanted.map(({ usedBy: [value = ""], ...name }) => ({ ...name, value }));
  for (const { service, username, usedBy, shown } of wanted) {
    const state = stateOf(keyring, service, username);
    if (state instanceof Error) {
      const how = store.kind === "file" ? undefined : howToBringOver(secrets, places, true);
      return failed(
        [`${place} can't be used: ${state.message}`, how ?? []].flat().join(". "),
        store.kind === "file"
          ? "correct file and key_file (or key) in [secret_store]; or put back the file or key that was there; or move the file away and store the secrets anew with trustar-resilient keyring"
          : "start it where there is one; or use $NAME and the environment, or [secret_store] file",
      );
    }
    if (state === "missing") missing.push(`${usedBy.join(", ")} (${shown})`);
  }
  if (missing.length > 0) {
    const lacking = secrets.filter(
      ({ service, username }) => stateOf(keyring, service, username) === "missing",
    );
    const how = howToBringOver(lacking, places, false);
    return failed(
      [`not in ${place}, the only place that is asked: ${missing.join("; ")}`, how ?? []].flat().join(". "),
      'store them with "trustar-resilient keyring"',
    );
  }
  return describeSources(secretSources(readConfigFile(places).raw, inUse), path, place);
}

function stateOf(keyring: Keyring, service: string, username: string): "set" | "missing" | Error {
  try {
    return (keyring.read(service, username) ?? "") === "" ? "missing" : "set";
  } catch (error) {
    if (error instanceof TrustarResilientError) return error;
    throw error;
  }
}

function describeSources(sources: SecretSources, path: string, place: string): Verdict {
  const { fromKeyring, fromEnvironment, inClear, unused } = sources;
  const parts = [
    fromKeyring.length > 0 && `${fromKeyring.length} from ${place}`,
    fromEnvironment.length > 0 && `${fromEnvironment.length} from the environment`,
    inClear.length > 0 && `${inClear.length} in clear in ${path} (${inClear.join(", ")})`,
  ].filter((part) => part !== false);
  const needed = parts.length === 0 ? "none are needed" : parts.join(", ");
  const detail = unused.length === 0 ? needed : `${needed}; not used: ${unused.join(", ")}`;
  return ok(detail);
}
