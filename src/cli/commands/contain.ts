import { type Command, Option } from "commander";
import { type OrderedContainment, orderableRunbooks, orderContainment } from "../../contain/order-containment.ts";
import { priorities } from "../../incident/incident.ts";
import { visibly } from "../../incident/visible.ts";
import { awaitEffect, type Effect } from "../await-effect.ts";
import { paint } from "../colour.ts";
import { ordered } from "../ordered.ts";
import { withProgress } from "../progress.ts";
import { withServices } from "../with-services.ts";

interface Options {
  by: string;
  reason: string;
  runbook?: string;
  priority?: string;
  wait: boolean;
  json?: boolean;
}

export function contain(program: Command): void {
  program
    .command("contain <agent>")
    .description("freeze one agent now, on your word: the incident is yours, in observe-only mode too")
    .requiredOption("--by <name>", "who decides")
    .requiredOption("--reason <text>", "why")
    .addOption(
      new Option("--runbook <name>", "what is done (default: runaway-spending)").choices([...orderableRunbooks]),
    )
    .addOption(new Option("--priority <priority>", "left out: the runbook's own").choices([...priorities]))
    .option("--no-wait", "do not wait until it is in effect")
    .option("--json", "one JSON object")
    .addHelpText(
      "after",
      '\nStatus 1 if it is not in effect within a minute. Ordered again it is looked at again; stand-down or recovery gives the caps back.\nExample:\n  npx tourniquet contain procurement-17 --by ada --reason "buys the same thing again and again"',
    )
    .action((agentId: string, { wait, json, ...said }: Options) =>
      withServices(async (services) => {
        const { by, ...fields } = said;
        const order = await ordered(services, { action: "containAgent", target: agentId, by, fields }, () =>
          orderContainment({ ...services, gateway: services.ordered.gateway }, { agentId, ...said }),
        );
        const effect = wait
          ? await withProgress(`${agentId}: waiting for the freeze`, (say) => awaitEffect(services, order, say))
          : null;
        console.log(json ? JSON.stringify({ ...order, ...effect }) : lines(visibly(order), visibly(effect)));
        process.exitCode = effect === null || effect.isInEffect ? 0 : 1;
      }),
    );
}

function lines({ agentId }: OrderedContainment, effect: Effect | null): string {
  if (effect === null) return `${agentId}: ordered; a worker takes it up`;
  const { incidentId, isInEffect, effectMs, wasInEffect, status, whyNot } = effect;
  const more = incidentId === null ? [] : [`npx tourniquet incidents show ${incidentId} tells what was done`];
  if (!isInEffect) return [`${paint("red", `${agentId}: not in effect yet`)}: ${whyNot}`, ...more].join("\n");
  const when = wasInEffect ? "it was in effect before" : effectMs === null ? status : `in effect after ${effectMs} ms`;
  return [`${paint("green", `${agentId} is held back`)}: ${when}`, ...more].join("\n");
}
