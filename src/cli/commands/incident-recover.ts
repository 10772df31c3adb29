import type { Command } from "commander";
import { alreadyRecovering } from "../../incident/present-recovery.ts";
import { askRecovery } from "../../recover/ask-recovery.ts";
import { waitingFor } from "../../recover/order.ts";
import type { SaidCaps } from "../../recover/said-caps.ts";
import { whatIsNext } from "../../recover/what-is-next.ts";
import type { Services } from "../../services.ts";
import { bothCaps } from "../both-caps.ts";
import { incidentId } from "../incident-id.ts";
import { ordered } from "../ordered.ts";
import { withServices } from "../with-services.ts";

interface RecoverOptions {
  by: string;
  rootCause: string;
  fix: string;
  daily?: string;
  monthly?: string;
  uncapped?: true;
  acceptReputation?: string;
  json?: boolean;
}

/** `incidents recover` (R1): a named person says what was wrong and how it was mended. */
export function incidentRecover(group: Command): void {
  group
    .command("recover <id>")
    .description("what was wrong is mended: give the caps back step by step, as long as no warning comes")
    .requiredOption("--by <name>", "who decides")
    .requiredOption("--root-cause <text>", "what was wrong")
    .requiredOption("--fix <text>", "how it was mended")
    .option(
      "--daily <cap>",
      'only where it is asked for, since nobody saw the caps from before or there were none: an amount, or "none"',
    )
    .option("--monthly <cap>", "the same for the month")
    .option(
      "--uncapped",
      "there were no caps before: --daily and --monthly are what the steps below 100 % are shares of",
    )
    .option("--accept-reputation <text>", "why a reputation that fell is accepted")
    .option("--json", "one JSON object")
    .addHelpText(
      "after",
      '\nExample:\n  npx tourniquet incidents recover inc-0-3f2a9c117d10-1 --by ada --root-cause "retry loop without an end" --fix "v2.3 gives up after three"',
    )
    .action((said: string, options: RecoverOptions) => {
      const id = incidentId(said);
      const caps = bothCaps(options);
      return withServices((services) => recover(services, id, options, caps));
    });
}

async function recover(
  services: Services,
  incidentId: string,
  options: RecoverOptions,
  caps: SaidCaps | undefined,
): Promise<void> {
  const { by, rootCause, fix, uncapped, acceptReputation } = options;
  const fields = { rootCause, fix, caps, uncapped, acceptReputation };
  const status = await ordered(services, { action: "recoverIncident", target: incidentId, by, fields }, () =>
    askRecovery(services, { incidentId, by, ...fields }),
  );
  const incident = await services.incidents.load(incidentId);
  if (status === "running" && incident) {
    const already = alreadyRecovering(incident);
    console.log(options.json ? JSON.stringify({ incidentId, status, next: already }) : already);
    return;
  }
  const waitsFor = incident ? await waitingFor(services, incident) : [];
  const next = whatIsNext(services.settings.recovery, waitsFor);
  if (options.json) console.log(JSON.stringify({ incidentId, status, waitsFor, next }));
  else
    console.log(`recovering ${incidentId}. ${next}\nnpx tourniquet incidents show ${incidentId} tells how far it is`);
}
