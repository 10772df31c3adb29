import type { Command } from "commander";
import { type Acknowledged, acknowledge, acknowledgeCascade } from "../../notify/acknowledge.ts";
import type { Services } from "../../services.ts";
import { incidentId } from "../incident-id.ts";
import { ordered } from "../ordered.ts";
import { withoutSettings } from "../with-services.ts";

/** `incidents ack` (N2): a named person takes one incident on, or every open one of a cascade. */
export function incidentAck(group: Command): void {
  group
    .command("ack <id>")
    .description("take an incident on, or every open one of a cascade: nobody else is woken for it")
    .requiredOption("--by <name>", "who takes it on")
    .option("--json", "a JSON array, one object an incident")
    .addHelpText("after", "\nExample:\n  npx tourniquet incidents ack inc-0-3f2a9c117d10-1 --by ada")
    .action((id: string, { by, json }: { by: string; json?: boolean }) =>
      withoutSettings(async (services) => {
        const action = id.startsWith("cas-") ? "acknowledgeCascade" : "acknowledgeIncident";
        const found = await ordered(services, { action, target: id, by }, () => acknowledged(services, id, by));
        const shown = found.map((one) => ({ ...one, at: new Date(one.at).toISOString() }));
        console.log(json ? JSON.stringify(shown) : shown.map(inWords).join("\n"));
      }),
    );
}

async function acknowledged(services: Services, id: string, by: string): Promise<readonly Acknowledged[]> {
  if (id.startsWith("cas-")) return (await acknowledgeCascade(services, id, by)).incidents;
  return [await acknowledge(services, incidentId(id), by)];
}

function inWords({ incidentId, status, by, at }: Omit<Acknowledged, "at"> & { at: string }): string {
  return status === "acknowledged"
    ? `${incidentId} is taken on by ${by}`
    : `${incidentId} was taken on before, by ${by} at ${at}: it stays so`;
}
