import type { ServedPorts } from "../app.ts";
import type { Endpoint } from "../endpoint.ts";
import { auditEndpoints } from "./audit.ts";
import { breakerEndpoints } from "./breaker.ts";
import { cascadeEndpoints } from "./cascades.ts";
import { containEndpoints } from "./contain.ts";
import { deadLetterEndpoints } from "./dead-letters.ts";
import { drillEndpoints } from "./drills.ts";
import { fleetEndpoints } from "./fleet.ts";
import { fleetAgentEndpoints } from "./fleet-agents.ts";
import { incidentDocumentEndpoints } from "./incident-documents.ts";
import { incidentOrderEndpoints } from "./incident-orders.ts";
import { incidentEndpoints } from "./incidents.ts";
import { intakeEndpoints } from "./intake.ts";
import { ledgerEndpoints } from "./ledgers.ts";
import { liveEndpoints } from "./live.ts";
import { settingsEndpoints } from "./settings.ts";
import { settingsFileEndpoints } from "./settings-file.ts";
import { signalEndpoints } from "./signals.ts";
import { silenceEndpoints } from "./silences.ts";
import { spendEndpoints } from "./spend.ts";
import { tokenEndpoints } from "./tokens.ts";
import { tuningEndpoints } from "./tunings.ts";
import { upkeepEndpoints } from "./upkeep.ts";

/** Every operation of the API, in the order /openapi.json shows them. */
export const endpoints: readonly Endpoint<ServedPorts>[] = [
  ...incidentEndpoints,
  ...incidentDocumentEndpoints,
  ...spendEndpoints,
  ...incidentOrderEndpoints,
  ...cascadeEndpoints,
  ...fleetEndpoints,
  ...fleetAgentEndpoints,
  ...containEndpoints,
  ...breakerEndpoints,
  ...signalEndpoints,
  ...silenceEndpoints,
  ...tuningEndpoints,
  ...tokenEndpoints,
  ...deadLetterEndpoints,
  ...intakeEndpoints,
  ...settingsEndpoints,
  ...settingsFileEndpoints,
  ...upkeepEndpoints,
  ...ledgerEndpoints,
  ...drillEndpoints,
  ...auditEndpoints,
  ...liveEndpoints,
];
