import { damageLevers } from "./levers/host-levers.js";
import { processLevers } from "./levers/process-levers.js";
import { holdLevers } from "./levers/trustar-levers.js";
import { proveLevers } from "./prove-levers.js";

proveLevers("the process and what it keeps", [...processLevers, ...holdLevers, ...damageLevers]);
