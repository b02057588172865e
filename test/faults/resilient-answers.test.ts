import { resilientAnswerLevers } from "./levers/resilient-levers.js";
import { proveLevers } from "./prove-levers.js";

proveLevers("what Resilient answers", resilientAnswerLevers);
