import { BoundedMap } from "../../../services/lookup/bounded-map.js";

function build(maxEntries: number, maxBytes: number) {
  const evicted: string[] = [];
  const map = new BoundedMap<string, string>({
    maxEntries,
    maxBytes,
    bytesOf: (_key, value) => value.length,
    onEvicted: (key) => evicted.push(key),
  });
  return { map, evicted };
}

it("what was not used for longest makes room, for entries and for bytes", () => {
  const { map, evicted } = build(3, 10);
  for (const key of ["a", "b", "c"]) map.set(key, "1");
  map.get("a");
  map.peek("b");
  map.set("d", "1");
  expect(evicted).toEqual(["b"]);
  map.set("e", "12345678");
  expect(evicted).toEqual(["b", "c"]);
  map.set("f", "123");
  expect([...map]).toEqual([["f", "123"]]);
});

it("tells of what is larger than all the room there is, and evicts nothing else for it", () => {
  const { map, evicted } = build(2, 10);
  map.set("a", "1");
  map.set("large", "12345678901");
  expect(evicted).toEqual(["large"]);
  expect([...map]).toEqual([["a", "1"]]);
});

it("has its new size when it tells of what made room", () => {
  const sizes: number[] = [];
  const map = new BoundedMap<string, string>({
    maxEntries: 3,
    maxBytes: 10,
    bytesOf: (_key, value) => value.length,
    onEvicted: () => sizes.push(map.size),
  });
  for (const key of ["a", "b", "c", "d"]) map.set(key, "1");
  expect(sizes).toEqual([3]);
  map.set("e", "123456789");
  expect(sizes).toEqual([3, 2, 2]);
});

it("counts what was replaced or deleted no more", () => {
  const { map, evicted } = build(10, 10);
  for (let round = 0; round < 5; round += 1) {
    map.set("a", "12345");
    map.set("b", "12345");
    map.delete("b");
    map.delete("unknown");
  }
  map.set("c", "12345");
  expect([evicted, map.size]).toEqual([[], 2]);
});

it("leaves nothing out that is there throughout, whatever changes while it is walked", () => {
  const { map } = build(1_000, 1_000);
  for (let at = 0; at < 100; at += 1) map.set(`k${at}`, "1");
  const seen = new Set<string>();
  for (const [key] of map) {
    seen.add(key);
    // The last ones are used, the next ones go, new ones come.
    if (seen.size === 10) for (let at = 90; at < 100; at += 1) map.get(`k${at}`);
    if (seen.size === 11) map.get(key);
    if (seen.size === 20) for (let at = 20; at < 30; at += 1) map.delete(`k${at}`);
    if (seen.size === 30) map.set("new", "1");
  }
  map.delete("new");
  for (const [key] of map) expect(seen).toContain(key);
});
