import { type Command, Option } from "commander";
import { presentTuning, type Tuning, tuningStates } from "../../incident/tuning.ts";
import { visibly } from "../../incident/visible.ts";
import { orderTuning, type Verb } from "../../learn/tuning/order-tuning.ts";
import { ordered } from "../ordered.ts";
import { textTable } from "../text-table.ts";
import { withoutSettings } from "../with-services.ts";

const MOST = 200;
const verbs: Readonly<Record<Verb, string>> = {
  approve: "put a proposal in force, in every process within seconds",
  reject: "leave the threshold as it is",
  withdraw: "take back one that is in force: the settings file says the threshold again",
};

export function tuning(program: Command): void {
  const group = program
    .command("tuning")
    .description("what incidents taught about thresholds: look at proposals, approve or reject them");
  group
    .command("list")
    .description("newest first, with what was decided on each")
    .addOption(new Option("--state <state>", "those in this state alone").choices(tuningStates))
    .option("--json", "a JSON array")
    .addHelpText("after", "\nExample:\n  npx tourniquet tuning list --state open")
    .action(({ state, json }: { state?: string; json?: boolean }) =>
      withoutSettings(async ({ tunings }) => {
        const found = (await tunings.list(MOST)).filter((one) => state === undefined || one.state === state);
        console.log(json ? JSON.stringify(found.map(presentTuning)) : tuningTable(found));
      }),
    );
  for (const [verb, description] of Object.entries(verbs) as [Verb, string][])
    group
      .command(`${verb} <id>`)
      .description(description)
      .requiredOption("--by <name>", "who decides")
      .requiredOption("--reason <text>", "why")
      .option("--json", "one JSON object")
      .addHelpText(
        "after",
        `\nExample:\n  npx tourniquet tuning ${verb} tun-3f2a9c117d10 --by ada --reason "seen it twice"`,
      )
      .action((id: string, { by, reason, json }: { by: string; reason: string; json?: boolean }) =>
        withoutSettings(async (services) => {
          const order = { action: `${verb}Tuning`, target: id, by, fields: { reason } };
          const done = await ordered(services, order, () => orderTuning(services, id, verb, { by, reason }));
          console.log(
            json ? JSON.stringify(presentTuning(done)) : `${done.id} ${done.state}: ${changeOf(visibly(done))}`,
          );
        }),
      );
}

function tuningTable(found: readonly Tuning[]): string {
  if (found.length === 0) return "no tunings";
  const rows = found.map((one) => [
    one.id,
    one.state,
    changeOf(one),
    one.incidentId,
    one.reason,
    one.decidedBy === null ? "" : `${one.decidedBy}: ${one.decidedBecause}`,
  ]);
  return textTable([["ID", "STATE", "CHANGE", "INCIDENT", "REASON", "DECIDED"], ...rows]);
}

const changeOf = ({ agentId, path, from, to }: Tuning): string => `${agentId} ${path} ${from} -> ${to}`;
