import fc from "fast-check";

// Every run tries other cases, unless `SEED=<number>` in the environment asks for the same ones again.
const seed = Number(process.env["SEED"]);
if (Number.isInteger(seed) && seed > 0) fc.configureGlobal({ seed });

export { fc };
