import { beforeEachResilient } from "../support/fresh-resilient.js";
import { describe, expect, test } from "@jest/globals";
import { ResilientMetadata } from "../../services/resilient/metadata-cache.js";
import type { ResilientClient } from "../../services/resilient/resilient-client.js";
import { captureLog, never } from "../support/resilient-fixture.js";
import type { ResilientSimulator } from "../support/resilient-simulator/resilient-simulator.js";
import { newArtifactType } from "../support/resilient-simulator/seed-artifact-types.js";

let simulator: ResilientSimulator;
let client: ResilientClient & Disposable;
let metadata: ResilientMetadata;
let nowMs: number;
let pausesMs: number[];
const log = captureLog();

beforeEachResilient((fresh) => {
  ({ simulator, client } = fresh);
  nowMs = 1_000_000;
  pausesMs = [];
  metadata = new ResilientMetadata(client, {
    clock: { now: () => nowMs },
    log,
    ttlMs: 60_000,
    rereadAfterMs: 5_000,
    pause: (ms) => {
      pausesMs.push(ms);
      nowMs += ms;
      return Promise.resolve();
    },
  });
});

describe("names of ids", () => {
  test("are known in both directions", async () => {
    const url = { id: 1000, label: "URL String", programmaticName: "url_string" };
    expect(await metadata.artifactTypeById(1000, never)).toEqual(url);
    expect(await metadata.artifactTypeByName("URL String", never)).toEqual(url);
    expect(await metadata.artifactTypeByName("url_string", never)).toEqual(url);
    expect(await metadata.phase(1003, never)).toBe("Engage");
    expect(await metadata.severity(50, never)).toBe("Low");
    expect(await metadata.resolution(56, never)).toBe("Resolved");
    expect(await metadata.incidentType(22, never)).toBe("Phishing");
    expect(await metadata.fieldLabel("tlp", 2004, never)).toBe("TLP:RED");
    expect(await metadata.hasCustomField("tlp", never)).toBe(true);
    for (const name of ["tpl", "severity_code", "data_format", "constructor"]) {
      expect(await metadata.hasCustomField(name, never)).toBe(false);
    }
    expect(await metadata.workspace(2, never)).toEqual({ id: 2, name: "soc_east", displayName: "SOC East" });
    expect(simulator.calls.counts()).toEqual({
      "GET /session": 1,
      "GET /artifact_types": 1,
      "GET /types/incident/fields": 1,
      "GET /workspaces": 1,
    });
  });

  test("are read once for a burst", async () => {
    await Promise.all(Array.from({ length: 50 }, (_, n) => metadata.artifactTypeById(n, never)));
    expect(simulator.calls.count("GET", "/artifact_types")).toBe(1);
  });

  test("that are missing in the fields are looked up in their own lists", async () => {
    simulator.world.phases.push({ id: 1099, name: "Hidden phase" });
    simulator.world.incidentTypes.push({ id: 88, name: "Old type" });
    expect(await metadata.phase(1099, never)).toBe("Hidden phase");
    expect(await metadata.incidentType(88, never)).toBe("Old type");
    expect(await metadata.phase(1, never)).toBeUndefined();
  });
});

describe("when they change", () => {
  test("an unknown id is read again, but not for each of a burst", async () => {
    expect(await metadata.artifactTypeById(1001, never)).toBeUndefined();
    simulator.world.artifactTypes.push(newArtifactType(1001, "New Type"));
    expect(await metadata.artifactTypeById(1001, never)).toBeUndefined();
    nowMs += 5_000;
    expect(await metadata.artifactTypeById(1001, never)).toMatchObject({ label: "New Type" });
    expect(await metadata.artifactTypeById(1002, never)).toBeUndefined();
    expect(simulator.calls.count("GET", "/artifact_types")).toBe(2);
  });

  test("a known one is believed until the TTL ends", async () => {
    await metadata.workspace(2, never);
    simulator.world.workspaces[1]!["display_name"] = "SOC South";
    nowMs += 59_999;
    expect(await metadata.workspace(2, never)).toMatchObject({ displayName: "SOC East" });
    nowMs += 1;
    expect(await metadata.workspace(2, never)).toMatchObject({ displayName: "SOC South" });
  });

  test("a workspace that was made after the last read is waited for, once and for all who ask", async () => {
    await metadata.workspace(2, never);
    nowMs += 1_000;
    simulator.world.workspaces.push({ id: 9, name: "new", display_name: "New one", is_default: false });
    const asked = await Promise.all([metadata.workspace(9, never), metadata.workspace(9, never)]);
    expect(asked.map((workspace) => workspace?.displayName)).toEqual(["New one", "New one"]);
    expect(pausesMs[0]).toBe(4_000);
    expect(simulator.calls.count("GET", "/workspaces")).toBe(2);
  });

  test("one that is not in a list read for it is not waited for", async () => {
    expect(await metadata.workspace(9, never)).toBeUndefined();
    nowMs += 5_000;
    expect(await metadata.workspace(9, never)).toBeUndefined();
    expect(pausesMs).toEqual([]);
    expect(simulator.calls.count("GET", "/workspaces")).toBe(2);
  });

  test("the old names serve while the server is away, and a missing permission is told", async () => {
    await metadata.workspace(2, never);
    nowMs += 60_000;
    simulator.faults.add({ kind: "status", status: 500, path: "/workspaces", times: 5 });
    expect(await metadata.workspace(2, never)).toMatchObject({ displayName: "SOC East" });
    expect(log.lines.map(({ message }) => message)).toContain(
      "a list can't be read again, the old one is used",
    );
    nowMs += 60_000;
    simulator.revoke("read_data");
    await expect(metadata.workspace(2, never)).rejects.toMatchObject({ code: "upstream_forbidden" });
  });

  test("a first read that fails is not remembered", async () => {
    simulator.faults.add({ kind: "status", status: 500, path: "/workspaces", times: 5 });
    await expect(metadata.workspace(2, never)).rejects.toMatchObject({ code: "upstream_failed" });
    expect(await metadata.workspace(2, never)).toMatchObject({ id: 2 });
  });
});

describe("types of our own", () => {
  test("are created once, as the Python app did", async () => {
    const ensured = await Promise.all(
      Array.from({ length: 10 }, () => metadata.ensureArtifactType("TruSTAR BITCOIN_ADDRESS", never)),
    );
    expect(new Set(ensured.map(({ id }) => id)).size).toBe(1);
    expect(ensured[0]).toMatchObject({ programmaticName: "trustar_bitcoin_address" });
    expect(await metadata.artifactTypeById(ensured[0]!.id, never)).toEqual(ensured[0]);
    expect(simulator.calls.counts()).toMatchObject({ "POST /artifact_types": 1, "GET /artifact_types": 1 });
  });

  test("are found when another process was faster", async () => {
    await metadata.artifactTypeById(1, never);
    simulator.world.artifactTypes.push(
      newArtifactType(1001, "TruSTAR X", { programmatic_name: "trustar_x" }),
    );
    expect(await metadata.ensureArtifactType("TruSTAR X", never)).toMatchObject({ id: 1001 });
  });

  test("are found when only the answer was lost", async () => {
    simulator.faults.add({ kind: "reset", when: "after", method: "POST", path: "/artifact_types" });
    expect(await metadata.ensureArtifactType("TruSTAR X", never)).toMatchObject({ label: "TruSTAR X" });
    expect(simulator.calls.count("POST", "/artifact_types")).toBe(1);
  });

  test("need a permission, and say so", async () => {
    simulator.revoke("edit_data");
    await expect(metadata.ensureArtifactType("TruSTAR X", never)).rejects.toThrow(
      /does not allow this account to create the artifact type "TruSTAR X".*edit_data/,
    );
  });
});
