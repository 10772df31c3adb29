import type { AnyRoute } from "../tool.ts";
import { budgetRoutes } from "./budgets.ts";
import { claimRoutes } from "./claims.ts";
import { escrowRoutes } from "./escrows.ts";
import { eventRoutes } from "./events.ts";
import { identityRoutes } from "./identity.ts";
import { ledgerRoutes } from "./ledger.ts";
import { ratingRoutes } from "./ratings.ts";
import { walletRoutes } from "./wallets.ts";
import { webhookRoutes } from "./webhooks.ts";

/** Registry of the dedicated REST routes; `/v1/batch` finds its tools here too. */
export const restRoutes: readonly AnyRoute[] = [
  ...walletRoutes,
  ...budgetRoutes,
  ...ledgerRoutes,
  ...escrowRoutes,
  ...identityRoutes,
  ...claimRoutes,
  ...eventRoutes,
  ...webhookRoutes,
  ...ratingRoutes,
];
