import { type Command, InvalidArgumentError } from "commander";
import type { Channel } from "../../incident/escalation.ts";
import type { IncidentView } from "../../incident/incident.ts";
import { presentIncident } from "../../incident/present.ts";
import { visibly } from "../../incident/visible.ts";
import { capsToGiveBack } from "../../recover/caps-to-give-back.ts";
import type { Services } from "../../services.ts";
import { reachable } from "../../settings/reach.ts";
import { capsLines } from "../caps-text.ts";
import { incidentId, noIncident } from "../incident-id.ts";
import { incidentLines, incidentTable } from "../incident-text.ts";
import { orderLines } from "../recovery-text.ts";
import { withoutSettings } from "../with-services.ts";
import { incidentAck } from "./incident-ack.ts";
import { postMortem } from "./incident-post-mortem.ts";
import { incidentRecover } from "./incident-recover.ts";
import { incidentStandDown } from "./incident-stand-down.ts";

export function incidents(program: Command): void {
  const group = program.command("incidents").description("list, show, take on, recover and stand down incidents");
  group
    .command("list")
    .description("newest first")
    .option("--limit <n>", "how many at most", wholeNumber, 50)
    .option("--json", "a JSON array")
    .addHelpText("after", "\nExample:\n  npx tourniquet incidents list")
    .action((options: { limit: number; json?: boolean }) =>
      withoutSettings(async (services) => {
        const found = await services.incidents.list(options.limit);
        const present = (view: IncidentView) => presentIncident(view, setHere(services));
        console.log(options.json ? JSON.stringify(found.map(present)) : incidentTable(found));
      }),
    );
  group
    .command("show <id>")
    .description("one incident: what happened, what was done, what is left")
    .option("--json", "one JSON object")
    .addHelpText("after", "\nExample:\n  npx tourniquet incidents show inc-0-3f2a9c117d10-1")
    .action((id: string, options: { json?: boolean }) =>
      withoutSettings(async (services) => {
        const view = await services.incidents.view(incidentId(id));
        if (!view) throw noIncident(id);
        const caps = await capsToGiveBack(services, view);
        if (options.json) console.log(JSON.stringify({ ...presentIncident(view, setHere(services)), caps }));
        else {
          const order = [...capsLines(caps), ...visibly(await orderLines(services, view))];
          console.log(incidentLines(visibly(view), order, reachable(services.config.channels)));
        }
      }, "what only the settings say of caps"),
    );
  group
    .command("evidence <id>")
    .description("what was preserved at containment: identity, claims, escrows, transactions; as JSON")
    .option("--json", "the same: evidence is JSON")
    .addHelpText("after", "\nExample:\n  npx tourniquet incidents evidence inc-0-3f2a9c117d10-1 > evidence.json")
    .action((id: string) =>
      withoutSettings(async ({ incidents }) => {
        if (!(await incidents.view(incidentId(id)))) throw noIncident(id);
        console.log(JSON.stringify(await incidents.evidence(id), null, 2));
      }),
    );
  incidentAck(group);
  postMortem(group);
  incidentRecover(group);
  incidentStandDown(group);
}

/** The workers tell, and a terminal need not have what they have: where no channel is set here, nothing is known of any. */
function setHere({ config }: Pick<Services, "config">): readonly Channel[] | null {
  const set = reachable(config.channels);
  return set.length === 0 ? null : set;
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("must be a whole number from 1 to 9999");
  return Number(text);
}
