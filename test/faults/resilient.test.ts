import { resilientLevers } from "./levers/resilient-levers.js";
import { proveLevers } from "./prove-levers.js";

proveLevers("Resilient", resilientLevers);
