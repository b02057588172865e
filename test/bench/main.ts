import { parseArgs } from "node:util";
import { judge, toTable, type Measure } from "./measure.js";
import type { Row, RowOptions } from "./row.js";
import { burst } from "./rows/burst.js";
import { day } from "./rows/day.js";
import { endurance } from "./rows/endurance.js";
import { growth } from "./rows/growth.js";
import { memory } from "./rows/memory.js";
import { quota } from "./rows/quota.js";
import { rescan } from "./rows/rescan.js";
import { start } from "./rows/start.js";
import { logging, throughput } from "./rows/throughput.js";
import { worker } from "./rows/worker.js";

const usage = `npm run bench -- [--quick] [--json] [--only <row>]

Prints how fast this program is and what it costs, next to bare servers and the legacy searcher.

  --quick       one run of each row, and nothing that takes long
  --only <row>  this row alone; may be given more than once. "endurance" takes ten minutes and runs only so
  --json        JSON instead of a Markdown table
`;

const rows: readonly Row[] = [
  start,
  throughput,
  logging,
  burst,
  rescan,
  quota,
  day,
  memory,
  growth,
  worker,
  endurance,
];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const unknown = values.only.filter((name) => !rows.some((row) => row.name === name));
  if (values.help || unknown.length > 0) {
    process.stderr.write(`${usage}\nRows: ${rows.map(({ name }) => name).join(", ")}\n`);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const chosen = rows.filter(({ name, onlyByName }) =>
    values.only.length === 0 ? onlyByName !== true : values.only.includes(name),
  );
  const options: RowOptions = values.quick
    ? { runs: 1, seconds: 1, quick: true }
    : { runs: 3, seconds: 1, quick: false };
  const measures: Measure[] = [];
  for (const row of chosen) {
    const startedMs = performance.now();
    measures.push(...(await row.measure(options)));
    process.stderr.write(`${row.name}: ${Math.round((performance.now() - startedMs) / 1_000)} s\n`);
  }
  const verdicts = judge(measures);
  process.stdout.write(
    values.json ? `${JSON.stringify(verdicts, undefined, 2)}\n` : `${toTable(verdicts)}\n`,
  );
}

await main();
