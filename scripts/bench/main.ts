import { writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { benchContainment } from "./containment/containment.ts";
import { benchHandoff } from "./handoff/handoff.ts";
import { benchIntake } from "./intake/intake.ts";
import { type Mode, modes } from "./mode.ts";
import { type Report, tableOf } from "./report.ts";
import { type Stage, setStage } from "./stage.ts";

/** `npm run bench [-- intake|handoff|containment] [--quick] [--json FILE]`. Fails on what is wrong, never on a time. */
const benchmarks: Readonly<Record<string, (stage: Stage, mode: Mode) => Promise<Report>>> = {
  intake: benchIntake,
  handoff: benchHandoff,
  containment: benchContainment,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, json: { type: "string" } },
});
const chosen = positionals.length > 0 ? positionals : Object.keys(benchmarks);
const unknown = chosen.filter((name) => !Object.hasOwn(benchmarks, name));
if (unknown.length > 0) {
  console.error(`No benchmark named ${unknown.join(", ")}; there are ${Object.keys(benchmarks).join(", ")}.`);
  process.exit(2);
}

const mode = values.quick ? modes.quick : modes.default;
const reports: (Report & { loadBefore: number })[] = [];
for (const name of chosen) {
  // What others do on this machine meanwhile is part of every time below.
  const loadBefore = loadavg()[0] ?? 0;
  const report = await onStage(benchmarks[name]!, mode);
  reports.push({ ...report, loadBefore });
  console.log(tableOf(report));
  console.log(`\n  ${availableParallelism()} cores, load average of the minute before ${loadBefore.toFixed(1)}`);
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(documentOf(reports), null, 2)}\n`);

async function onStage(benchmark: (stage: Stage, mode: Mode) => Promise<Report>, mode: Mode): Promise<Report> {
  const stage = await setStage();
  try {
    return await benchmark(stage, mode);
  } catch (error) {
    console.error(stage.log());
    throw error;
  } finally {
    await stage.close();
  }
}

function documentOf(reports: readonly Report[]): Record<string, unknown> {
  const machine = { cores: availableParallelism(), platform: process.platform, node: process.versions.node };
  return { mode: mode.name, machine, reports };
}
