import { TourniquetError } from "../errors.ts";
import { type SaidCaps, saidCaps } from "../recover/said-caps.ts";

/** Undefined where none was said; one alone is refused, since what is not said of the other would be guessed. Throws input-invalid. */
export function bothCaps({ daily, monthly }: { daily?: string; monthly?: string }): SaidCaps | undefined {
  const read = saidCaps.partial().safeParse({ daily, monthly });
  if (!read.success) {
    const mistakes = read.error.issues.map(({ path, message }) => `--${path.join()} ${message}`);
    throw new TourniquetError("input-invalid", mistakes.join("; "));
  }
  if (daily === undefined && monthly === undefined) return undefined;
  if (daily !== undefined && monthly !== undefined) return { daily, monthly };
  throw new TourniquetError(
    "input-invalid",
    'say both --daily and --monthly, each an amount such as 500.00, or "none"',
  );
}
