import { formatMoney, parseMoney } from "../../incident/money.ts";
import { readAgent } from "./agent.ts";
import type { Envelope } from "./envelope.ts";
import type { EventType, Reading } from "./event-type.ts";
import { find, missing } from "./fields.ts";
import type { Mistake } from "./mistake.ts";

/** What a poller found in an agent's wallet (D8). Alone it proves nothing: who shares the wallet is judged over windows. */
export const balanceReading: EventType = { names: ["balance_reading"], follows: "correlate", read };

function read(envelope: Envelope): Reading {
  const mistakes: Mistake[] = [];
  const agentId = readAgent(envelope, mistakes);
  const balance = readBalance(envelope, mistakes);
  if (mistakes.length > 0 || balance === null) return { ok: false, mistakes };
  return { ok: true, agentId, facts: { kind: "balance", balance } };
}

/** A wallet may be overdrawn, so this amount alone may be negative. */
function readBalance(envelope: Envelope, mistakes: Mistake[]): string | null {
  const problem = 'must be what is in the wallet, such as "847.75"';
  const found = find(envelope, ["balance"]);
  const balance = found === null ? undefined : parseMoney(found.value);
  if (balance !== undefined) return formatMoney(balance);
  mistakes.push(found === null ? missing(envelope, "balance", problem) : { field: found.path, problem });
  return null;
}
