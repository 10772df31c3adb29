import { alertTools } from "./alerts.ts";
import { escrowTools } from "./escrows.ts";
import { identityTools } from "./identity.ts";
import { moneyTools } from "./money.ts";
import type { AnySeedTool } from "./seed-tool.ts";

/** Registry of the tools the seeds call, and of the two an agent needs to get into trouble: create_escrow and release_escrow. */
export const seedTools: ReadonlyMap<string, AnySeedTool> = new Map(
  [...moneyTools, ...escrowTools, ...identityTools, ...alertTools].map((tool) => [tool.name, tool]),
);
