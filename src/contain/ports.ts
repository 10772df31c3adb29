import type { Inbox, Verdicts } from "../incident/ports.ts";
import type { StepPorts } from "../runbooks/runbook.ts";
import type { ContainmentSettings } from "../settings/settings.ts";

/** What containment needs: what its steps need, and where verdicts and events come from. */
export interface ContainPorts extends StepPorts {
  inbox: Inbox;
  verdicts: Verdicts;
  containment: ContainmentSettings;
}
