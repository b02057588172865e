import { answerLevers } from "./levers/trustar-levers.js";
import { proveLevers } from "./prove-levers.js";

proveLevers("what TruSTAR answers", answerLevers);
