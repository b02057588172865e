import { describe, expect, test } from "@jest/globals";
import { chooseOrg, type SessionAnswer } from "../../../services/resilient/choose-org.js";

const session: SessionAnswer = {
  session_ip: "192.0.2.9",
  orgs: [
    { id: 1, name: "North", enabled: true, uuid: "uuid-1", cloud_account: "cloud-1" },
    // An org may be called like another one's uuid: the first that matches in any way wins, as with the stock client.
    { id: 2, name: "uuid-1", enabled: true, uuid: "uuid-2", cloud_account: null },
    { id: 3, name: "Closed", enabled: false },
  ],
};

describe("the organization", () => {
  test.each([
    ["North", 1],
    ["cloud-1", 1],
    ["uuid-1", 1],
    ["uuid-2", 2],
  ])("%s", (wanted, id) => {
    expect(chooseOrg(session, wanted).id).toBe(id);
  });

  test.each([
    ["north", /not a member of it. It is a member of "North", "uuid-1", "Closed"/],
    ["", /Set org in \[resilient\]/],
    [undefined, /Set org in \[resilient\]/],
    ["Closed", /192\.0\.2\.9/],
  ])("%s is explained", (wanted, message) => {
    expect(() => chooseOrg(session, wanted)).toThrow(message);
  });

  test("an account without any is told so", () => {
    expect(() => chooseOrg({ orgs: null }, "North")).toThrow(/not a member of any organization/);
  });
});
