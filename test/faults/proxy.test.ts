import { answerLevers, wireLevers } from "./levers/trustar-levers.js";
import { proxyLevers } from "./levers/proxy-levers.js";
import { proveLevers } from "./prove-levers.js";

/** The rest is here to see that the way through a proxy is no weaker. */
const others = [...answerLevers.slice(0, 2), ...wireLevers.slice(0, 1)];

proveLevers("the proxy", [...proxyLevers, ...others], { viaProxy: true });
