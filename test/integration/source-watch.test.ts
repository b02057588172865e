import { EnclaveCheck, type EnclaveCheckOptions } from "../../src/app/enclave-check.js";
import { SourceWatch } from "../../src/app/source-watch.js";
import type { Enclave } from "../../services/trustar/trustar-schema.js";
import { atOnce, never, until } from "../support/lookup-fixtures.js";
import { createLogCapture } from "../support/log-capture.js";
import { openClient, type ClientParts } from "../support/trustar-client-fixture.js";

function watchOf(
  { client, account, gate }: ClientParts,
  enclaveIds: readonly string[],
  { recheckMs, ...options }: Partial<EnclaveCheckOptions> & { readonly recheckMs?: number } = {},
) {
  const capture = createLogCapture();
  const { log } = capture;
  const listEnclaves = (signal: AbortSignal) => account.enclaves(signal);
  const enclaves = new EnclaveCheck({
    listEnclaves,
    enclaveIds,
    log,
    signal: never(),
    retry: atOnce,
    ...options,
  });
  let accepted = 0;
  const watch = new SourceWatch({
    authenticate: (signal) => client.authenticate(signal),
    enclaves,
    keepQuotaFresh: () => {
      accepted += 1;
    },
    heldForMs: () => gate.heldForMs(),
    log,
    recheckMs,
  });
  return { watch, enclaves, capture, accepted: () => accepted };
}

const idOf = ({ simulator }: ClientParts, name: string): string =>
  simulator.enclaves.find((enclave) => enclave.name === name)?.id ?? "";
const nowhere = "00000000-0000-4000-8000-000000000000";

test("configured enclaves that can be read need no word", async () => {
  await using parts = await openClient();
  const { watch, capture } = watchOf(parts, [idOf(parts, "Open feed"), idOf(parts, "Acme private")]);
  await watch.start(never());
  expect(watch.unsearchableEnclaves).toBe(0);
  expect(watch.readiness.warning?.()).toBeUndefined();
  expect(capture.lines().map(({ msg }) => msg)).toEqual(["TruSTAR accepted the credentials"]);
  expect(parts.observed).toEqual(["POST /oauth/token 200", "GET /enclaves 200"]);
});

test("without configured enclaves there is nothing to ask", async () => {
  await using parts = await openClient();
  const { watch } = watchOf(parts, []);
  await watch.start(never());
  expect(watch.unsearchableEnclaves).toBeUndefined();
  expect(parts.observed).toEqual(["POST /oauth/token 200"]);
});

test("wrong ids and enclaves without the right to read are told apart, for their silence looks like clean", async () => {
  await using parts = await openClient();
  const unsubscribed = idOf(parts, "Unsubscribed feed");
  const { watch, capture } = watchOf(parts, [idOf(parts, "Open feed"), nowhere, unsubscribed]);
  await watch.start(never());
  expect(watch.unsearchableEnclaves).toBe(2);
  expect(capture.lines().at(-1)).toMatchObject({ level: 40, unknown: [nowhere], unreadable: [unsubscribed] });
  expect(watch.readiness.warning?.()).toBe(
    `not all of the configured enclaves can be searched; these can't: ${nowhere}, ${unsubscribed}`,
  );
});

test("when none can be searched it is not ready, and says what to correct, until one can", async () => {
  await using parts = await openClient();
  let listed: readonly Enclave[] = [];
  const { watch } = watchOf(parts, [nowhere], { listEnclaves: () => Promise.resolve(listed), recheckMs: 1 });
  const started = watch.start(never());
  await until(() => watch.unsearchableEnclaves !== undefined);
  expect(await watch.readiness.problem(never())).toMatch(
    /^none of the configured enclaves can be searched; correct enclave_ids_for_search of \[trustar_threat_source\]/,
  );
  listed = [{ id: nowhere, name: "n", type: "t", read: true, create: false, update: false }];
  await started;
  expect(await watch.readiness.problem(never())).toBeUndefined();
});

test("an outage at the start only puts the check off", async () => {
  await using parts = await openClient();
  parts.simulator.faults.add({ kind: "status", status: 503, times: 3 });
  const { watch, enclaves, capture } = watchOf(parts, [nowhere], { recheckMs: 60_000 });
  const stop = new AbortController();
  const started = watch.start(stop.signal);
  await until(() => enclaves.whyUnable() !== undefined);
  expect(enclaves.whyUnable()).toMatch(/^none of the configured enclaves/);
  expect(capture.lines()[0]).toMatchObject({ level: 50, err: expect.anything() });
  stop.abort();
  await started;
});

test("refused credentials end it, and nobody is asked again", async () => {
  await using parts = await openClient({ apiSecret: "wrong" });
  const { watch } = watchOf(parts, [nowhere]);
  await watch.start(never());
  expect(watch.unsearchableEnclaves).toBeUndefined();
  expect(parts.observed).toEqual(["POST /oauth/token 401"]);
});

test("the quota can be read as soon as TruSTAR takes the credentials: at the start, or when it is back", async () => {
  await using parts = await openClient();
  const { watch, accepted } = watchOf(parts, []);
  parts.simulator.faults.add({ kind: "status", status: 503 });
  await watch.start(never());
  await expect(watch.readiness.problem(never())).rejects.toThrow("503");
  expect(accepted()).toBe(0);
  parts.simulator.faults.clear();
  await watch.readiness.problem(never());
  expect(accepted()).toBe(1);
  await watch.start(never());
  expect(accepted()).toBe(2);
});

test("/ready warns when TruSTAR asked all to wait for more than a minute", async () => {
  await using parts = await openClient();
  const { watch } = watchOf(parts, []);
  parts.gate.hold(60_000);
  expect(watch.readiness.warning?.()).toBeUndefined();
  parts.gate.hold(200_000);
  expect(watch.readiness.warning?.()).toMatch(
    /^TruSTAR asked to wait: nothing is asked for another \d+ seconds$/,
  );
});

test("in an outage /ready asks for a token once in 20 seconds", async () => {
  await using parts = await openClient();
  const { watch } = watchOf(parts, []);
  expect(watch.readiness.noStandsMs).toBe(20_000);
  parts.simulator.faults.add({ kind: "status", status: 503 });
  await expect(watch.readiness.problem(never())).rejects.toThrow("503");
});
