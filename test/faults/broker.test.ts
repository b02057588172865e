import { brokerLevers } from "./levers/broker-levers.js";
import { proveLevers } from "./prove-levers.js";

proveLevers("the message broker", brokerLevers, { fresh: true });
