import { runaway } from "./runaway.ts";
import type { Scenario } from "./scenario.ts";

/** Every story there is a drill for: what must be caught, then what must be left alone. */
export const scenarios: readonly Scenario[] = [runaway];
