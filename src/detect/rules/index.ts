import type { AccessView } from "../../incident/access.ts";
import type { ActivityView, CallView } from "../../incident/activity.ts";
import type { WindowView } from "../../incident/windows.ts";
import { cancellationRate } from "./cancellation-rate.ts";
import { costAnomaly } from "./cost-anomaly.ts";
import { errorSpike } from "./error-spike.ts";
import { identicalEscrows } from "./identical-escrows.ts";
import { type IdentityView, publicKeyChanged, verificationInvalid } from "./identity-reading.ts";
import { payeeConcentration } from "./payee-concentration.ts";
import { principalBurst } from "./principal-burst.ts";
import { reputationDrop, type StandingView } from "./reputation-drop.ts";
import type { Rule } from "./rule.ts";
import { sharedResourceExhausted, type WalletView } from "./shared-resource-exhausted.ts";
import { suspiciousToolSequence } from "./suspicious-tool-sequence.ts";
import { toolCallBurst } from "./tool-call-burst.ts";
import { unfamiliarAccess } from "./unfamiliar-access.ts";

/** Every rule over what an agent's money does. */
export const moneyRules: readonly Rule<WindowView>[] = [
  identicalEscrows,
  principalBurst,
  payeeConcentration,
  cancellationRate,
  costAnomaly,
];

export const standingRules: readonly Rule<StandingView>[] = [reputationDrop];

/** What an agent's own system tells of it, and how it authenticates. */
export const callRules: readonly Rule<CallView>[] = [suspiciousToolSequence, toolCallBurst];
export const errorRules: readonly Rule<ActivityView>[] = [errorSpike];
export const accessRules: readonly Rule<AccessView>[] = [unfamiliarAccess];
export const identityRules: readonly Rule<IdentityView>[] = [publicKeyChanged, verificationInvalid];

/** D8: over what the agents of one wallet meet with. */
export const resourceRules: readonly Rule<WalletView>[] = [sharedResourceExhausted];
