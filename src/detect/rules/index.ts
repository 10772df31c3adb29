import type { WindowView } from "../../incident/windows.ts";
import { identicalEscrows } from "./identical-escrows.ts";
import { payeeConcentration } from "./payee-concentration.ts";
import { principalBurst } from "./principal-burst.ts";
import type { Rule } from "./rule.ts";

/** Every rule over a payer's window of opened escrows. */
export const escrowRules: readonly Rule<WindowView>[] = [identicalEscrows, principalBurst, payeeConcentration];
