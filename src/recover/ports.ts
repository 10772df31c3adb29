import type { Gateway } from "../incident/gateway.ts";
import type { Dispatch } from "../incident/jobs.ts";
import type { Caps, Incidents, Log } from "../incident/ports.ts";
import type { Recoveries } from "../incident/recovery.ts";
import type { Verdicts } from "../incident/verdict.ts";
import type { IdentityGatePorts } from "./gates.ts";
import type { WaitingForPorts } from "./order.ts";
import type { RaisePorts } from "./raise.ts";
import type { ReleasePorts } from "./release.ts";
import type { TellOfRecoveryPorts } from "./tell-of-recovery.ts";

/** What the recovery of an incident needs. */
export interface RecoverPorts extends RaisePorts, ReleasePorts, IdentityGatePorts, TellOfRecoveryPorts {
  gateway: Gateway;
  incidents: Incidents;
  caps: Caps;
  recoveries: Recoveries;
  verdicts: Pick<Verdicts, "keep" | "load">;
  cascades: WaitingForPorts["cascades"];
  dispatch: Dispatch;
  log: Log;
}
