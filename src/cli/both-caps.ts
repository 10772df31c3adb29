import { TourniquetError } from "../errors.ts";
import type { SaidCaps } from "../recover/said-caps.ts";

/** Undefined where none was said; one alone is refused, since what is not said of the other would be guessed. */
export function bothCaps({ daily, monthly }: { daily?: string; monthly?: string }): SaidCaps | undefined {
  if (daily === undefined && monthly === undefined) return undefined;
  if (daily !== undefined && monthly !== undefined) return { daily, monthly };
  throw new TourniquetError(
    "input-invalid",
    'say both --daily and --monthly, each an amount such as 500.00, or "none"',
  );
}
