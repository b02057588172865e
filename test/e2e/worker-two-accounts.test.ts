import { jest } from "@jest/globals";
import { BROKER_START_MS } from "../support/test-broker.js";
import { SAMPLE_ENCLAVES } from "../support/trustar-simulator/enclaves.js";
import {
  startTrustarSimulator,
  type Report,
  type TrustarSimulator,
} from "../support/trustar-simulator/start-trustar-simulator.js";
import { openWorkerWorld } from "../support/worker-world.js";

jest.setTimeout(BROKER_START_MS);

const perSide = 20;
const ip = (value: string) => ({ type: { name: "IP Address" }, value, description: "" });

/** Two companies, whose credentials, enclaves and knowledge have nothing in common. */
test("two workspaces with two accounts are hammered at once, and nothing crosses", async () => {
  await using east = await startTrustarSimulator({
    credentials: { key: "east", secret: "secret of east" },
    enclaves: SAMPLE_ENCLAVES.map((one) => ({ ...one, id: `east-${one.id}` })),
  });
  await using world = await openWorkerWorld({
    threatSource: false,
    accounts: [
      {
        name: "main",
        workspace: "Default workspace",
        enclaves: ["Acme private", "Acme incidents"],
        keys: { tag: "of-main", redact_terms: "Falcon", incident_types_to_exclude: "Phishing" },
      },
      {
        name: "east",
        trustar: east,
        workspace: "SOC East",
        enclaves: ["Acme incidents"],
        keys: { tag: "of-east", redact_terms: "Condor", station_url: "https://station.east.example" },
      },
    ],
  });
  await world.know("Acme private", "198.51.100.1 with 192.0.2.11");
  await world.know("Acme incidents", "198.51.100.1 with 192.0.2.22", east);
  const { resilient } = world.soar;
  const make = (workspace: number, n: number, incident_type_ids: number[] = []) =>
    resilient.createIncident({
      name: `Case ${n} Falcon Condor`,
      workspace,
      incident_type_ids,
      artifacts: [ip("198.51.100.1"), ip(`203.0.113.${n + 1}`)],
    });
  const sides = { main: [] as number[], east: [] as number[] };
  for (let n = 0; n < perSide; n += 1) {
    sides.main.push(make(1, n).dto.id);
    sides.east.push(make(2, n, [22]).dto.id);
  }
  for (const id of [...sides.main, ...sides.east]) resilient.updateIncident(id, { severity_code: "High" });
  const white = [
    ...sides.main.map((id) => world.artifactsOf(id)[1]!.id as number),
    ...sides.east.map((id) => world.artifactsOf(id)[1]!.id as number),
  ];
  [...sides.main, ...sides.east].forEach((id, index) =>
    resilient.invokeRule("Whitelist in TruSTAR", id, white[index]),
  );
  const gone = [sides.main[0]!, sides.east[0]!];
  await Promise.all(gone.map((id) => world.analyst.deleteIncident(id)));
  await world.soar.answered(60_000);

  const incidentOf = ({ externalTrackingId = "" }: Report) =>
    Number(/^RESILIENT(\d+)/.exec(externalTrackingId)?.[1]);
  const written = (where: TrustarSimulator) =>
    where
      .reports()
      .filter(
        ({ externalTrackingId = "", title }) =>
          externalTrackingId.startsWith("RESILIENT") && title.startsWith("Resilient Incident"),
      );
  const check = (where: TrustarSimulator, ids: readonly number[], tag: string, masked: string) => {
    const reports = written(where);
    expect(reports.every((report) => ids.includes(incidentOf(report)))).toBe(true);
    expect(new Set(reports.flatMap(({ tags }) => tags))).toEqual(new Set([tag]));
    expect(reports.every((report) => !report.reportBody.includes(masked))).toBe(true);
    expect(reports.every((report) => !report.title.includes(masked))).toBe(true);
    return reports;
  };
  const main = check(world.trustar, sides.main, "of-main", "Falcon");
  const others = check(east, sides.east, "of-east", "Condor");
  const alive = { main: sides.main.slice(1), east: sides.east.slice(1) };
  const perEnclave = (reports: readonly Report[]) =>
    reports.map((report) => `${incidentOf(report)} ${report.enclaveId}`).sort();
  const own = (name: string) => world.enclave(name);
  const wanted = alive.main.flatMap((id) => [
    `${id} ${own("Acme private")}`,
    `${id} ${own("Acme incidents")}`,
  ]);
  expect(perEnclave(main)).toEqual(wanted.sort());
  // A type that only the other account excludes.
  expect(perEnclave(others)).toEqual(alive.east.map((id) => `${id} east-${own("Acme incidents")}`).sort());
  const listed = (where: TrustarSimulator) => where.whitelist().map(({ value }) => value);
  // Both sides whitelist the same values, each in its own company.
  expect(listed(world.trustar)).toHaveLength(perSide);
  expect(new Set(listed(world.trustar))).toEqual(new Set(listed(east)));
  for (const [ids, theirs, link] of [
    [alive.main, "192.0.2.11", "https://station.trustar.co/"],
    [alive.east, "192.0.2.22", "https://station.east.example/"],
  ] as const) {
    for (const id of ids) {
      const added = world
        .artifactsOf(id)
        .map(({ value }) => String(value))
        .filter((value) => /^192/.test(value));
      expect(added).toEqual([theirs]);
      const notes = world.notesOf(id);
      expect(notes).toHaveLength(2);
      expect(notes.every((note) => note.includes(link))).toBe(true);
    }
  }
  // Wrong credentials at the other company would have been refused.
  for (const where of [world.trustar, east]) expect(Object.keys(where.calls().byStatus)).not.toContain("401");
});
