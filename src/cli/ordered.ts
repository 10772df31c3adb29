import { hostname, userInfo } from "node:os";
import { type AuditTrail, audited, type Outcome } from "../incident/audit.ts";

export interface Order {
  /** What the API calls the same (operationId), so that a reader finds both. */
  action: string;
  /** The incident, agent, job …; left out where it concerns all. */
  target?: string | undefined;
  by: string | null;
  /** What else was ordered, without secrets. */
  fields?: Readonly<Record<string, unknown>>;
}

/** A change from the command line, under the audit trail (O6): who runs commands on which machine stands beside whom they name. */
export function ordered<T>(
  { audit }: { audit: Pick<AuditTrail, "begin" | "end"> },
  { action, target = "", by, fields = {} }: Order,
  act: () => Promise<T>,
): Promise<T> {
  const change = { by, role: "operator", credential: machineUser(), via: "cli", action, target, fields } as const;
  return audited(audit, change, act, { outcomeOf: () => done, unsaid });
}

const done: Outcome = { result: "ok", detail: "" };

function unsaid(error: unknown, number: number): void {
  const why = error instanceof Error ? error.message : String(error);
  process.stderr.write(`tourniquet: it was done; only entry ${number} of the audit trail does not say so (${why})\n`);
}

/** A user id without a name is what containers have. */
function machineUser(): string {
  try {
    return `user ${userInfo().username}@${hostname()}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SYSTEM_ERROR") throw error;
    return `user ${process.getuid?.() ?? "unknown"}@${hostname()}`;
  }
}
