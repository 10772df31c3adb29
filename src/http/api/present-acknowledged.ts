import { iso } from "../../incident/iso.ts";
import type { Acknowledged } from "../../notify/acknowledge.ts";

export function presentAcknowledged({ incidentId, status, by, at }: Acknowledged) {
  return { incidentId, status, by, at: iso(at) };
}
