import { fc } from "../../support/fast-check.js";
import { encodeFrame, escapeHeader, unescapeHeader } from "../../../services/stomp/frame.js";

describe("header escapes", () => {
  it.each([
    ["invid:152", "invid\\c152"],
    ["a\\cb", "a\\\\cb"],
    ["\\:", "\\\\\\c"],
    ["line\r\nend", "line\\r\\nend"],
  ])("%j is %j on the wire", (value, wire) => {
    expect(escapeHeader(value)).toBe(wire);
    expect(unescapeHeader(wire)).toBe(value);
  });

  it("leaves what is no escape of STOMP 1.2 as it is", () => {
    expect(unescapeHeader("C:\\temp")).toBe("C:\\temp");
  });

  it("gives every value back", () => {
    const anything = fc.string({ unit: fc.constantFrom("\\", ":", "c", "n", "r", "\n", "\r", "é", "🦔") });
    fc.assert(fc.property(anything, (value) => unescapeHeader(escapeHeader(value)) === value));
  });
});

describe("a frame", () => {
  it("ends with NUL and leaves out what is undefined", () => {
    const frame = encodeFrame("ACK", { id: "ID:1", transaction: undefined });
    expect(frame.toString()).toBe("ACK\nid:ID\\c1\n\n\0");
  });

  it("counts its body in bytes", () => {
    const frame = encodeFrame("SEND", { destination: "/queue/a" }, Buffer.from("é\0🦔"));
    expect(frame.toString()).toBe("SEND\ndestination:/queue/a\ncontent-length:7\n\né\0🦔\0");
  });

  it("states the length of an empty body, too", () => {
    expect(encodeFrame("SEND", {}, Buffer.alloc(0)).toString()).toBe("SEND\ncontent-length:0\n\n\0");
  });
});
