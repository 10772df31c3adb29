import type { Inbox } from "../incident/inbox.ts";
import type { Silences } from "../incident/silence.ts";
import type { Verdicts } from "../incident/verdict.ts";
import type { StepPorts } from "../runbooks/runbook.ts";
import type { ContainmentSettings, Settings } from "../settings/settings.ts";

/** What containment needs: what its steps need, and where verdicts and events come from. */
export interface ContainPorts extends StepPorts {
  inbox: Inbox;
  verdicts: Verdicts;
  silences: Silences;
  containment: ContainmentSettings;
  /** Without the belt of observe-only mode: for what a named person ordered. */
  ordered: Pick<StepPorts, "gateway" | "agentControl">;
  settings: Pick<Settings, "mode" | "runbooks" | "silences" | "escalation">;
}
