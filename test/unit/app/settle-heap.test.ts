import { runInNewContext } from "node:vm";
import { settleHeap } from "../../../src/app/settle-heap.js";

it("collects what nobody holds any more, and leaves nobody else the means to", async () => {
  const remains = new WeakRef({});
  await new Promise((resolve) => setImmediate(resolve)); // until the end of its turn of the loop it is held
  settleHeap();
  expect(remains.deref()).toBeUndefined();
  expect(runInNewContext("typeof gc")).toBe("undefined");
});
