import type { Gateway } from "../../incident/gateway.ts";
import type { Caps, Clock, Pace } from "../../incident/ports.ts";
import type { AgentWatch, CallBudget, FleetWatch } from "../../incident/watch.ts";
import type { AdmitPorts } from "../admit.ts";
import type { AnswerPorts } from "../answer.ts";

export interface WatchPorts extends AdmitPorts, AnswerPorts {
  settings: AnswerPorts["settings"];
  gateway: Gateway;
  /** The limit per second of the gateway's edge; `gateway` itself takes turns for budgets and lists of escrows only. */
  pace: Pace;
  calls: CallBudget;
  caps: Pick<Caps, "see">;
  agentWatch: AgentWatch;
  fleetWatch: FleetWatch;
  clock: Clock;
  /** The agent whose key asks what is about no agent: the bus, the webhooks. */
  ownAgentId: string;
}
