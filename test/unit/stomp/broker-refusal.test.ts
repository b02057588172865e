import { Secret } from "../../../src/core/secret.js";
import { type RefusalContext, refusalOf } from "../../../services/stomp/broker-refusal.js";

const context: RefusalContext = {
  address: { host: "soar.example.com", port: 65001 },
  credentials: { kind: "apiKey", login: "key", passcode: new Secret("s3cret") },
  stage: "login",
  hadSubscription: false,
};
const subscribing: RefusalContext = { ...context, stage: "subscribe", destination: "actions.201.trustar" };

const wrongSecret = "User name [key] or password is invalid.";
const notOurs = "User key is not authorized to read from: queue://actions.201.trustar";

it.each([
  [wrongSecret, context, "broker_credentials_refused"],
  ["User key is not authorized to connect", context, "broker_credentials_refused"],
  [notOurs, subscribing, "broker_destination_refused"],
  [
    "User key is not authorized to create queue: actions.201.trustar",
    subscribing,
    "broker_destination_refused",
  ],
  ["Already subscribed to actions.201.trustar", subscribing, "broker_already_subscribed"],
] as const)("%j is a refusal", (text, where, code) => {
  const error = refusalOf(text, where);
  expect(error).toMatchObject({ code, retryable: false });
  expect(error?.message).toContain(text);
  expect(error?.message).toContain("soar.example.com:65001");
  expect(error?.message).not.toContain("s3cret");
});

it.each([
  ["unable to connect to authentication service", context],
  ["User name [key] or password is invalid: Unable to connect to authentication service", context],
  ["The broker is shutting down", context],
  [notOurs, { ...context, stage: "ready" }],
  // The broker may hold our own dead connection's subscription for a while.
  ["Already subscribed", { ...subscribing, hadSubscription: true }],
] as const)("%j is worth coming back for", (text, where) => {
  expect(refusalOf(text, where)).toBeUndefined();
});

it("says what an administrator must do", () => {
  expect(refusalOf(notOurs, subscribing)?.message).toMatch(
    /Add the API key .* to the message destination trustar /,
  );
  expect(refusalOf("Already subscribed", subscribing)?.message).toMatch(/stop the other copy/);
});
