import { join } from "node:path";
import { createSettler } from "../../services/actions/settle.js";
import { openSettledLedger } from "../../services/actions/settled-ledger.js";
import { createStompLink } from "../../services/stomp/stomp-link.js";
import { systemClock } from "../../src/core/time.js";
import { linkOptions, quietLog } from "../support/link-harness.js";
import { tempFolder } from "../support/product.js";
import { openBench } from "../unit/actions/world/bench.js";

/**
 * The worker between its two network ends: the real link, ledger of answers, dispatcher and functions, on upstreams that
 * answer at once.
 */
const [port = "", queue = "", workers = "25"] = process.argv.slice(2);
const numWorkers = Number(workers);
await using folder = await tempFolder();
const world = await openBench({ numWorkers, threatSource: true });
// Its log of calls is for tests; here it would grow for ever.
world.calls.before = () => {
  world.calls.clear();
};
const ledger = await openSettledLedger({
  clock: systemClock,
  log: quietLog,
  file: join(folder.path, "answers"),
});
const stop = new AbortController();
process.once("SIGTERM", () => {
  stop.abort();
});
const link = createStompLink(linkOptions(Number(port), queue, { prefetch: numWorkers }));
link.onDelivery(
  createSettler({ ledger, handle: (message, signal) => world.handle(message, signal), log: quietLog }),
);
void link.ready(stop.signal).then(() => process.stdout.write("listening\n"));
await link.run(stop.signal);
await ledger.close();
