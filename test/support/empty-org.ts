import type { ResilientSimulator } from "./resilient-simulator/resilient-simulator.js";

/** An organization in which nobody has installed the app. */
export function emptyOrg({ world }: ResilientSimulator): void {
  world.rules.length = 0;
  world.workflows.length = 0;
  world.functions.length = 0;
  world.destinations.length = 0;
  world.fields.set("__function", []);
  const urlString = world.artifactTypes.findIndex(
    ({ programmatic_name }) => programmatic_name === "url_string",
  );
  if (urlString >= 0) world.artifactTypes.splice(urlString, 1);
}
