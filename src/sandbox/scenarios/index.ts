import { bulkPurchase } from "./bulk-purchase.ts";
import { busyHour } from "./busy-hour.ts";
import { cancellationChurn } from "./cancellation-churn.ts";
import { degradation } from "./degradation.ts";
import { exfiltration } from "./exfiltration.ts";
import { identityTakeover } from "./identity-takeover.ts";
import { monthEnd } from "./month-end.ts";
import { newAgent } from "./new-agent.ts";
import { payeeConcentration } from "./payee-concentration.ts";
import { payeeRace } from "./payee-race.ts";
import { poisonedSequence } from "./poisoned-sequence.ts";
import { runaway } from "./runaway.ts";
import type { Scenario } from "./scenario.ts";
import { selfUnfreeze } from "./self-unfreeze.ts";
import { sharedWallet } from "./shared-wallet.ts";
import { toolCallBurst } from "./tool-call-burst.ts";
import { webhookBlackout } from "./webhook-blackout.ts";

/** Every story there is a drill for: what must be caught, then what must be left alone. */
export const scenarios: readonly Scenario[] = [
  ...[runaway, sharedWallet, payeeConcentration, cancellationChurn, payeeRace, selfUnfreeze],
  ...[identityTakeover, degradation, exfiltration, toolCallBurst, poisonedSequence, webhookBlackout],
  ...[monthEnd, busyHour, newAgent, bulkPurchase],
];
