/** An analyst waits for an action; a look-up can be polled. */
export type CallPriority = "analyst" | "lookup";
