import { Secret } from "../../../src/core/secret.js";
import { endBy, type RefusalContext, refusalOf } from "../../../services/stomp/broker-refusal.js";
import { escapeHeader, unescapeHeader } from "../../../services/stomp/frame.js";

const context: RefusalContext = {
  address: { host: "soar.example.com", port: 65001 },
  credentials: { kind: "apiKey", login: "k-7", passcode: new Secret("s3cret") },
  stage: "login",
  hadSubscription: false,
};
const subscribing: RefusalContext = { ...context, stage: "subscribe", destination: "actions.201.trustar" };

const wrongSecret = "User name [k-7] or password is invalid.";
const notOurs = "User k-7 is not authorized to read from: queue://actions.201.trustar";

it.each([
  [wrongSecret, context, "broker_credentials_refused"],
  ["User k-7 is not authorized to connect", context, "broker_credentials_refused"],
  [notOurs, subscribing, "broker_destination_refused"],
  [
    "User k-7 is not authorized to create queue: actions.201.trustar",
    subscribing,
    "broker_destination_refused",
  ],
  ["Already subscribed to actions.201.trustar", subscribing, "broker_already_subscribed"],
] as const)("%j is a refusal", (text, where, code) => {
  const error = refusalOf(text, where);
  expect(error).toMatchObject({ code, retryable: false });
  expect(error?.message).toContain(text.replace("k-7", "[secret]"));
  expect(error?.message).toContain("soar.example.com:65001");
  expect(error?.message).not.toContain("s3cret");
});

it.each([
  ["unable to connect to authentication service", context],
  ["User name [k-7] or password is invalid: Unable to connect to authentication service", context],
  ["The broker is shutting down", context],
  [notOurs, { ...context, stage: "ready" }],
  // The broker may hold our own dead connection's subscription for a while.
  ["Already subscribed", { ...subscribing, hadSubscription: true }],
] as const)("%j is worth coming back for", (text, where) => {
  expect(refusalOf(text, where)).toBeUndefined();
});

// As it was sent, and as it comes back where header escapes are undone, or made, or the whole is read as JSON.
it.each(["pass:word", "a\\\\cb", 'quo"te', " padded ", "is not authorized", "(.*"])(
  "the passcode %j stays out of what is told, and its words decide nothing away",
  (passcode) => {
    const credentials = { ...context.credentials, passcode: new Secret(passcode) };
    const spellings = [passcode, passcode.trim(), escapeHeader(passcode), unescapeHeader(passcode)];
    for (const spelling of [...spellings, JSON.stringify(passcode).slice(1, -1)]) {
      const text = `User name [k-7] or password is invalid: ${spelling}; ${spelling.toUpperCase()}`;
      const refused = endBy(text, { ...context, credentials });
      expect(refused).toMatchObject({ kind: "refused", error: { code: "broker_credentials_refused" } });
      expect(refused.kind === "refused" && refused.error.message).toContain(
        `"User name [[secret]] or password is invalid: [secret]; [secret]".`,
      );
      const reported = endBy(`no: ${spelling}`, { ...context, credentials, stage: "ready" });
      expect(reported).toEqual({ kind: "dropped", reason: "The message broker reported: no: [secret]" });
    }
  },
);

it("says what an administrator must do", () => {
  expect(refusalOf(notOurs, subscribing)?.message).toMatch(
    /Add the API key .* to the message destination trustar /,
  );
  expect(refusalOf("Already subscribed", subscribing)?.message).toMatch(/stop the other copy/);
});
