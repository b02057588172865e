// The direction of the house: core <- config, routes, services <- app <- cli <- main.
const layer = (name, from, to) => ({ name, severity: "error", from, to });

const forbidden = [
  layer("no-cycles", {}, { circular: true }),
  layer(
    "core-is-a-leaf",
    { path: "^src/core/" },
    { path: "^(src/(?!core/)|routes/|services/)|node_modules/" },
  ),
  layer(
    "config-sees-core-only",
    { path: "^src/config/" },
    { path: "^(src/(?!core/|config/)|routes/|services/)" },
  ),
  layer("routes-see-core-only", { path: "^routes/" }, { path: "^(src/(?!core/)|services/)" }),
  layer("services-see-core-only", { path: "^services/" }, { path: "^(src/(?!core/)|routes/)" }),
  layer(
    "service-core-is-a-leaf",
    { path: "^services/core/" },
    { path: "^services/(?!core/)|^routes/|node_modules/" },
  ),
  layer(
    "service-siblings-are-strangers",
    { path: "^services/([^/]+)/" },
    { path: "^services/(?!http/|core/)", pathNot: "^services/$1/" },
  ),
  layer("app-does-not-know-its-commands", { path: "^src/app/" }, { path: "^src/(cli/|main)" }),
  layer("cli-does-not-know-the-process", { path: "^src/cli/" }, { path: "^src/main" }),
  layer("only-app-wires", { path: "^src/(cli/|main)" }, { path: "^(routes|services)/" }),
  layer(
    "axios-stays-in-adapters",
    { path: "^(src/|routes/|services/(?!http/|trustar/|resilient/))" },
    { path: "node_modules/axios" },
  ),
  layer(
    "express-stays-at-the-edge",
    { path: "^(src/(?!app/)|services/)" },
    { path: "node_modules/(@types/)?express" },
  ),
  layer(
    "ini-stays-in-its-reader",
    { path: "^", pathNot: "^src/config/" },
    { path: "node_modules/(@types/)?ini/" },
  ),
  layer(
    "stompjs-stays-in-the-link",
    { path: "^", pathNot: "^services/stomp/" },
    { path: "node_modules/@stomp/" },
  ),
  layer("tests-are-never-imported", { path: "^(src|routes|services)/" }, { path: "^test/" }),
  layer(
    "no-dev-dependencies-in-the-product",
    { path: "^(src|routes|services)/" },
    { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"], pathNot: "node_modules/@types/" },
  ),
  layer("no-orphans", { orphan: true, pathNot: "^src/(main|health-check)\\.ts$" }, {}),
];

module.exports = {
  forbidden,
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
  },
};
