import type { Delivery, HandleMessage, Reply } from "../../../src/core/action.js";
import { DeliveryLostError, ReplyRefusedError, UpstreamError } from "../../../src/core/errors.js";
import { systemClock } from "../../../src/core/time.js";
import { openSettledLedger, type SettledLedger } from "../../../services/actions/settled-ledger.js";
import { createSettler, type Settler } from "../../../services/actions/settle.js";
import { quietLog } from "../../support/link-harness.js";

const never = new AbortController().signal;
const done = (message: string): Reply => ({ outcome: "done", message });
const tick = () => new Promise((resolve) => setImmediate(resolve));

let ledger: SettledLedger;

beforeEach(async () => {
  ledger = await openSettledLedger({ clock: systemClock, log: quietLog });
});

function settlerFor(handle: HandleMessage): Settler {
  return createSettler({ ledger, handle, log: quietLog });
}

/** A delivery that keeps what it was asked to send; `fail` makes settling reject. */
function delivered(messageId: string, body = "{}", fail?: Error) {
  const settled: (Reply | undefined)[] = [];
  const progressed: string[] = [];
  const delivery: Delivery = {
    messageId,
    destination: "actions.201.trustar",
    payloadClass: "ActionDataDTO",
    contextToken: undefined,
    redelivered: false,
    correlationId: "invid:1",
    replyTo: "/queue/acks.201.trustar",
    body,
    progress: (message) => void progressed.push(message),
    settle: (reply) => {
      if (fail !== undefined) return Promise.reject(fail);
      settled.push(reply);
      return Promise.resolve();
    },
  };
  return { delivery, settled, progressed };
}

describe("a delivery", () => {
  it("is worked on and answered with the handler's reply", async () => {
    const { delivery, settled } = delivered("ID:1", '{"action_id":45}');
    const seen: unknown[] = [];
    await settlerFor((message) => {
      seen.push(message.payload);
      return Promise.resolve(done("ok"));
    })(delivery, never);
    expect(seen).toEqual([{ action_id: 45 }]);
    expect(settled).toEqual([done("ok")]);
  });

  it("that can't be read is answered and gone, and the handler never hears of it", async () => {
    const { delivery, settled } = delivered("ID:1", "{not JSON");
    await settlerFor(() => Promise.reject(new Error("must not be called")))(delivery, never);
    expect(settled).toMatchObject([{ outcome: "failed", message: expect.stringMatching(/not the JSON/) }]);
  });

  it("whose handler fails for a known reason is answered with that reason", async () => {
    const { delivery, settled } = delivered("ID:1");
    const error = new UpstreamError("upstream_forbidden", "The key may not write to enclave X.");
    await settlerFor(() => Promise.reject(error))(delivery, never);
    expect(settled).toEqual([{ outcome: "failed", message: "The key may not write to enclave X." }]);
  });

  it("whose handler breaks is answered as our fault", async () => {
    const { delivery, settled } = delivered("ID:1");
    await settlerFor(() => {
      throw new TypeError("x is not a function");
    })(delivery, never);
    expect(settled).toMatchObject([
      { outcome: "failed", message: expect.stringMatching(/fault in.*x is not/) },
    ]);
  });

  it("stays on the queue when the program stops before it is done", async () => {
    const stopping = new AbortController();
    const { delivery, settled } = delivered("ID:1");
    const settler = settlerFor(
      (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            reject(new Error("stopped"));
          });
        }),
    );
    const ended = settler(delivery, stopping.signal);
    stopping.abort();
    await ended;
    expect(settled).toEqual([]);
    expect(ledger.find("ID:1")).toBeUndefined();
  });
});

describe("a message that is delivered again", () => {
  it("while it runs joins the work; only the newest delivery answers and reports", async () => {
    let finish: (reply: Reply) => void = () => undefined;
    let calls = 0;
    const [first, second] = [delivered("ID:1"), delivered("ID:1")];
    const settler = settlerFor(async (message) => {
      calls++;
      const reply = await new Promise<Reply>((resolve) => (finish = resolve));
      message.progress("nearly");
      return reply;
    });
    const ended = [settler(first.delivery, never), settler(second.delivery, never)];
    await tick();
    finish(done("once"));
    await Promise.all(ended);
    expect(calls).toBe(1);
    expect([first.settled, second.settled]).toEqual([[], [done("once")]]);
    expect([first.progressed, second.progressed]).toEqual([[], ["nearly"]]);
  });

  it("after it was done is answered with the same reply, without work", async () => {
    let calls = 0;
    const settler = settlerFor(() => Promise.resolve(done(`call ${++calls}`)));
    const lost = delivered("ID:1", "{}", new DeliveryLostError("gone"));
    await settler(lost.delivery, never);
    const again = delivered("ID:1");
    await settler(again.delivery, never);
    expect(again.settled).toEqual([done("call 1")]);
  });

  it("while its answer is on the way is answered over the new connection when the old one dies", async () => {
    let die: () => void = () => undefined;
    const dying = delivered("ID:1");
    dying.delivery.settle = () =>
      new Promise((_, reject) => {
        die = () => {
          reject(new DeliveryLostError("gone"));
        };
      });
    const settler = settlerFor(() => Promise.resolve(done("once")));
    const second = delivered("ID:1");
    const first = settler(dying.delivery, never);
    await tick();
    const joined = settler(second.delivery, never);
    die();
    await Promise.all([first, joined]);
    expect(second.settled).toEqual([done("once")]);
  });

  it("is acknowledged without an answer once the broker has refused the answer three times", async () => {
    const settler = settlerFor(() => Promise.resolve(done("unwanted")));
    for (let n = 0; n < 3; n++) {
      await settler(
        delivered("ID:1", "{}", new ReplyRefusedError("not authorized to write")).delivery,
        never,
      );
    }
    const last = delivered("ID:1");
    await settler(last.delivery, never);
    expect(last.settled).toEqual([undefined]);
  });
});

it("different messages do not wait for each other", async () => {
  const settler = settlerFor((message) =>
    message.messageId === "slow" ? new Promise(() => undefined) : Promise.resolve(done("quick")),
  );
  void settler(delivered("slow").delivery, never);
  const quick = delivered("quick");
  await settler(quick.delivery, never);
  expect(quick.settled).toEqual([done("quick")]);
});
