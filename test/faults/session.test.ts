import { resilientAnswerLevers, resilientWireLevers, sessionLever } from "./levers/resilient-levers.js";
import { proveLevers } from "./prove-levers.js";

/** A person's log-in, where everything else here has an API key. */
const all = [...resilientAnswerLevers, ...resilientWireLevers];
const others = all.filter(({ name }) => /answers 500|connections are cut/.test(name));

proveLevers("Resilient's session", [sessionLever, ...others], { login: "user" });
