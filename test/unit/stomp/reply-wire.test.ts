import { encodeProgress, encodeReply } from "../../../services/stomp/reply-wire.js";

it.each([
  [
    encodeReply({ outcome: "done", message: "Done.", results: { status: "Done", error: null } }),
    { message_type: 0, message: "Done.", complete: true, results: { status: "Done", error: null } },
  ],
  [
    encodeReply({ outcome: "done", message: "Nothing new." }),
    { message_type: 0, message: "Nothing new.", complete: true },
  ],
  [encodeReply({ outcome: "failed", message: "No." }), { message_type: 1, message: "No.", complete: true }],
  [encodeProgress("3 of 10"), { message_type: 0, message: "3 of 10", complete: false }],
  [encodeProgress(""), { message_type: 0, message: "(No status)", complete: false }],
])("writes AcknowledgementDTO (%#)", (bytes, dto) => {
  expect(JSON.parse(bytes.toString())).toEqual(dto);
});

it("writes half a surrogate pair as valid UTF-8", () => {
  expect(encodeReply({ outcome: "done", message: "\ud83d" }).toString()).toContain("\\ud83d");
});
