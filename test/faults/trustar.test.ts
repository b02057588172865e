import { proveLevers } from "./prove-levers.js";
import { trustarLevers } from "./levers/trustar-levers.js";

proveLevers("TruSTAR breaks", trustarLevers);
