import { UpstreamError } from "../../../src/core/errors.js";
import { idSegment, pathSegment } from "../../../services/trustar/path-segment.js";

test.each([
  ["7a33144f-aef3-442b-87d4-dbf70d8afdb0", "7a33144f-aef3-442b-87d4-dbf70d8afdb0"],
  ["../../x?y#z", "..%2F..%2Fx%3Fy%23z"],
  ["a\r\nb", "a%0D%0Ab"],
  ["\ud800", "%EF%BF%BD"],
  ["🦔", "%F0%9F%A6%94"],
])("%j is one segment", (text, segment) => {
  expect(idSegment(text)).toBe(segment);
  expect(new URL(`https://x.example/reports/${pathSegment(text)}/status`).pathname).toBe(
    `/reports/${segment}/status`,
  );
});

test.each(["", ".", ".."])("%j is no id: the call would go somewhere else", (text) => {
  expect(() => idSegment(text)).toThrow(UpstreamError);
});
