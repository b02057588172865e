import { wireLevers } from "./levers/trustar-levers.js";
import { proveLevers } from "./prove-levers.js";

proveLevers("the way to TruSTAR", wireLevers);
