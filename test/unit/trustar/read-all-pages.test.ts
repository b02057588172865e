import { readAllPages } from "../../../services/trustar/read-all-pages.js";

/** A list whose pages never end. */
const endless = (pageSize: number) => (): Promise<{ items: unknown[]; hasNext: boolean }> =>
  Promise.resolve({ items: Array<unknown>(pageSize).fill({}), hasNext: true });

it("takes as many items as are kept for one question, from one page", async () => {
  const page = { items: Array<unknown>(20_000).fill({}), hasNext: false };
  expect(await readAllPages("/x", () => Promise.resolve(page))).toHaveLength(20_000);
});

it("lets go of what it read when that becomes too much", async () => {
  const read = { next: 0, items: [] as unknown[] };
  await expect(readAllPages("/x", endless(9_000), read)).rejects.toMatchObject({
    code: "upstream_too_large",
    retryable: false,
    message: expect.stringContaining("enclave_ids_for_search"),
  });
  expect(read).toEqual({ next: 0, items: [] });
});

it("keeps what it read when a page can't be had, and goes on behind it", async () => {
  const read = { next: 0, items: [] as unknown[] };
  const page = (number: number) => Promise.resolve({ items: [number], hasNext: number < 2 });
  const failing = (number: number) => (number < 2 ? page(number) : Promise.reject(new Error("gone")));
  await expect(readAllPages("/x", failing, read)).rejects.toThrow("gone");
  expect(read).toEqual({ next: 2, items: [0, 1] });
  expect(await readAllPages("/x", page, read)).toEqual([0, 1, 2]);
});
