import type { LookupId } from "../../../src/core/lookup.js";
import {
  LookupStore,
  type Finished,
  type LookupStoreOptions,
} from "../../../services/lookup/lookup-store.js";
import { createFakeClock } from "../../support/fake-clock.js";

const hit = { props: [{ type: "string", name: "Priority Level", value: "HIGH" }] } as const;

function build(options: Partial<Omit<LookupStoreOptions, "clock">> = {}) {
  const clock = createFakeClock();
  const store = new LookupStore({
    cacheSize: 3,
    maxBytes: 1_000_000,
    cacheTtlMs: 600_000,
    missTtlMs: 1_000,
    deliverWithinMs: 5_000,
    maxUndelivered: 10,
    clock,
    ...options,
  });
  const found = (...hits: readonly (typeof hit)[]): Finished => ({
    hits,
    checkedAtMs: clock.now(),
  });
  return { store, clock, found };
}

it("cache_ttl and miss_ttl count milliseconds, for hits and for misses", () => {
  const { store, clock, found } = build();
  store.keep("hit", found(hit));
  store.keep("miss", found());
  clock.advance(999);
  expect([store.fresh("hit"), store.fresh("miss")]).toMatchObject([{ hits: [hit] }, { hits: [] }]);
  clock.advance(2);
  expect(store.fresh("miss")).toBeUndefined();
  clock.advance(598_998);
  expect(store.fresh("hit")).toBeDefined();
  clock.advance(2);
  expect(store.fresh("hit")).toBeUndefined();
});

it("a result lives from when it was checked, not from when it was last read", () => {
  const { store, clock, found } = build({ cacheTtlMs: 1_000 });
  store.keep("hit", found(hit));
  clock.advance(600);
  expect(store.fresh("hit")).toBeDefined();
  clock.advance(600);
  expect(store.fresh("hit")).toBeUndefined();
});

it("a result of the future answers no new question: the clock was set back, and it may be old", () => {
  const { store, clock, found } = build({ cacheTtlMs: 1_000 });
  store.keep("hit", found(hit));
  clock.advance(-3_600_000);
  expect(store.fresh("hit")).toBeUndefined();
  expect(store.deliver("hit")).toBeDefined();
});

it("a result from the future, kept before the clock was set back, lives no longer than any other", () => {
  const { store, clock, found } = build();
  store.restore("miss", { ...found(), checkedAtMs: clock.now() + 1_000_000_000 });
  clock.advance(999);
  expect(store.deliver("miss")).toBeDefined();
  clock.advance(2);
  expect(store.deliver("miss")).toBeUndefined();
});

it("what a restart brings back lives only for what is left of its time", () => {
  const { store, clock, found } = build({ cacheTtlMs: 1_000 });
  const checked = found(hit);
  clock.advance(700);
  store.restore("hit", checked);
  clock.advance(299);
  expect(store.fresh("hit")).toBeDefined();
  clock.advance(2);
  expect(store.fresh("hit")).toBeUndefined();
  store.restore("old", checked);
  expect(store.deliver("old")).toBeUndefined();
});

it("the least recently used result makes room", () => {
  const { store, found } = build();
  for (const key of ["a", "b", "c"]) store.keep(key, found(hit));
  store.fresh("a");
  store.keep("d", found(hit));
  expect(["a", "b", "c", "d"].map((key) => store.fresh(key) !== undefined)).toEqual([
    true,
    false,
    true,
    true,
  ]);
  expect(store.size).toBe(3);
});

it("a result that nobody has fetched yet outlives a tiny cache and a short time to live", () => {
  const { store, clock, found } = build({ cacheSize: 1, cacheTtlMs: 1, missTtlMs: 1 });
  for (const key of ["a", "b", "c"]) store.keep(key, found(hit));
  clock.advance(4_999);
  expect(store.fresh("a")).toBeUndefined();
  for (const key of ["a", "b", "c"]) expect(store.deliver(key)).toMatchObject({ hits: [hit] });
});

it("once fetched, or after its time to be fetched, such a result is gone", () => {
  const { store, clock, found } = build({ cacheTtlMs: 1 });
  store.keep("a", found(hit));
  store.keep("b", found(hit));
  clock.advance(2);
  expect(store.deliver("a")).toBeDefined();
  expect(store.deliver("a")).toBeUndefined();
  clock.advance(5_000);
  expect(store.deliver("b")).toBeUndefined();
});

it("a result that makes room before its poll has come is a loss, one that nobody comes for any more is none", () => {
  const late = build({ maxUndelivered: 1 });
  late.store.keep("a", late.found(hit));
  late.clock.advance(5_001);
  late.store.keep("b", late.found(hit));
  expect(late.store.gapAtMs).toBeUndefined();
  late.store.keep("c", late.found(hit));
  expect(late.store.gapAtMs).toBe(late.clock.now());
});

it("a newer result is delivered rather than an older one", () => {
  const { store, found } = build();
  store.keep("a", found());
  store.keep("a", found(hit));
  expect(store.deliver("a")).toMatchObject({ hits: [hit] });
});

it("an id leads to its values for longer than the results live", () => {
  const { store, found } = build({ cacheSize: 1 });
  const ids = ["1", "2", "3", "4"].map((id) => id as LookupId);
  for (const id of ids) store.remember(id, "IP 203.0.113.7");
  store.keep("x", found(hit));
  store.keep("y", found(hit));
  for (const id of ids) expect(store.keyOf(id)).toBe("IP 203.0.113.7");
});

it("hands out what is worth keeping, the least recently used first, and leaves out what has expired", () => {
  const { store, clock, found } = build();
  store.keep("miss", found());
  clock.advance(1_001);
  for (const key of ["a", "b"]) store.keep(key, found(hit));
  store.fresh("a");
  store.remember("1" as LookupId, "IP 192.0.2.1");
  expect([...store.results()].map(({ key }) => key)).toEqual(["b", "a"]);
  expect([...store.ids()]).toEqual([["1", "IP 192.0.2.1"]]);
});
