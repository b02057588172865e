import { errorBody, WireAnswers } from "../../../routes/lookup-wire.js";
import type { Hit } from "../../../src/core/hit.js";
import type { Answer, LookupId } from "../../../src/core/lookup.js";

const id = "be83617d-e0d7-5e39-bca2-7248e347cff1" as LookupId;

const hit: Hit = {
  props: [
    { type: "string", name: "Priority Level", value: "HIGH" },
    { type: "uri", name: "Link to TruSTAR", value: "https://station.example/x" },
    { type: "ip", name: "Address", value: "192.0.2.1" },
    { type: "number", name: "Sightings", value: 12 },
    { type: "lat_lng", name: "Where", value: { lat: 1.5, lng: -2 } },
  ],
};

const wireHit = {
  props: [
    { type: "string", name: "Priority Level", value: "HIGH" },
    { type: "uri", name: "Link to TruSTAR", value: "https://station.example/x" },
    { type: "ip", name: "Address", value: "192.0.2.1" },
    { type: "number", name: "Sightings", value: "12" },
    { type: "lat_lng", name: "Where", value: { lat: 1.5, lng: -2 } },
  ],
};

const written = new WireAnswers();
function toWire(answer: Answer): readonly [status: number, body: unknown] {
  const [status, text] = written.textOf(answer);
  return [status, JSON.parse(text)];
}

test("finished is 200 with the hits, numbers as text", () => {
  expect(toWire({ state: "finished", id, hits: [hit] })).toEqual([200, { id, hits: [wireHit] }]);
});

test("the same hits go out under the id of each that asks, whatever is in it", () => {
  const hits = [hit];
  const odd = 'a"b' as LookupId;
  expect(toWire({ state: "finished", id, hits })).toEqual([200, { id, hits: [wireHit] }]);
  expect(toWire({ state: "finished", id: odd, hits })).toEqual([200, { id: odd, hits: [wireHit] }]);
  expect(toWire({ state: "finished", id, hits: [] })).toEqual([200, { id, hits: [] }]);
});

test("pending is 303 with the hits so far and when to ask again", () => {
  expect(toWire({ state: "pending", id, hits: [hit], retrySecs: 5 })).toEqual([
    303,
    { id, hits: [wireHit], retry_secs: 5 },
  ]);
});

test("failed is 503 with the reason: never 200, which says clean, never 4xx, which is final", () => {
  expect(toWire({ state: "failed", id, error: "TruSTAR can't be reached" })).toEqual([
    503,
    { id, hits: [], error: "TruSTAR can't be reached" },
  ]);
});

test("an error has the shape of an answer", () => {
  expect(errorBody("body: empty")).toEqual({ id: null, hits: [], error: "body: empty" });
});
