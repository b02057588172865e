import { hostLevers } from "./levers/host-levers.js";
import { proveLevers } from "./prove-levers.js";

proveLevers("the machine", hostLevers);
