import { resilientWireLevers } from "./levers/resilient-levers.js";
import { proveLevers } from "./prove-levers.js";

proveLevers("the way to Resilient", resilientWireLevers);
