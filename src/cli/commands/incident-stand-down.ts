import { type Command, InvalidArgumentError } from "commander";
import type { IncidentView } from "../../incident/incident.ts";
import { visibly } from "../../incident/visible.ts";
import { askStandDown } from "../../recover/ask-stand-down.ts";
import type { SaidCaps } from "../../recover/said-caps.ts";
import type { Services } from "../../services.ts";
import { bothCaps } from "../both-caps.ts";
import { incidentId, noIncident } from "../incident-id.ts";
import { ordered } from "../ordered.ts";
import { withoutSettings } from "../with-services.ts";

interface StandDownOptions {
  by: string;
  reason: string;
  daily?: string;
  monthly?: string;
  joined?: number;
  json?: boolean;
}

/** `incidents stand-down` (C6): shows what it is about to give up, and gives up nothing else. */
export function incidentStandDown(group: Command): void {
  group
    .command("stand-down <id>")
    .description("it was a false alarm: put the recorded caps back exactly and close the incident")
    .requiredOption("--by <name>", "who decides")
    .requiredOption("--reason <text>", "why it was a false alarm")
    .option("--daily <cap>", 'only where nobody saw the caps before the freeze: an amount, or "none"')
    .option("--monthly <cap>", "the same for the month")
    .option("--joined <n>", "how many signals of it you have seen: with others by now it is refused", count)
    .option("--json", "one JSON object")
    .addHelpText(
      "after",
      '\nExample:\n  npx tourniquet incidents stand-down inc-0-3f2a9c117d10-1 --by ada --reason "planned bulk purchase"',
    )
    .action((said: string, options: StandDownOptions) => {
      const id = incidentId(said);
      const caps = bothCaps(options);
      return withoutSettings((services) => standDown(services, id, options, caps));
    });
}

async function standDown(
  services: Services,
  id: string,
  { by, reason, json, ...options }: StandDownOptions,
  caps: SaidCaps | undefined,
): Promise<void> {
  const view = await services.incidents.view(id);
  const joined = options.joined ?? view?.signals.length;
  const order = { action: "standDownIncident", target: id, by, fields: { reason, caps, joined } };
  const status = await ordered(services, order, async () => {
    if (!view) throw noIncident(id);
    return askStandDown(services, { incidentId: id, by, reason, caps, joined });
  });
  if (json) console.log(JSON.stringify({ incidentId: id, status, joined }));
  else if (status === "running") console.log(`${id} was being stood down already; nothing was changed`);
  else console.log(stoodDown(visibly(view!)));
}

/** Names what ends with it: another's order may have joined a moment ago. */
function stoodDown({ id, agentId, signals }: IncidentView): string {
  const what = [...Map.groupBy(signals, ({ kind }) => kind)].map(([kind, all]) => {
    const more = all.length > 1 ? `; ${all.length - 1} more of this kind before` : "";
    return `  ${kind}: ${all.at(-1)!.why.sentence}${more}`;
  });
  const tells = `npx tourniquet incidents show ${id} tells when the caps are back`;
  return [`standing down ${id}: ${agentId} was contained for`, ...what, tells].join("\n");
}

function count(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError("must be a whole number, 0 or more");
  return Number(text);
}
