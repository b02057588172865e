import { resilientLevers } from "./levers/resilient-levers.js";
import { proveLevers } from "./prove-levers.js";

/** As a person, whose session can be dropped; an API key is what everything else here uses. */
proveLevers("Resilient", resilientLevers, { login: "user" });
