import type { AnyRoute } from "../tool.ts";
import { budgetRoutes } from "./budgets.ts";
import { escrowRoutes } from "./escrows.ts";
import { walletRoutes } from "./wallets.ts";

/** Registry of the dedicated REST routes; `/v1/batch` finds its tools here too. */
export const restRoutes: readonly AnyRoute[] = [...walletRoutes, ...budgetRoutes, ...escrowRoutes];
