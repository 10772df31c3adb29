import type { Redis } from "ioredis";
import { type Money, money } from "../incident/money.ts";
import type { WindowEntry, Windows } from "../incident/windows.ts";
import { runScript } from "./connection.ts";
import { tagKey } from "./keys.ts";
import { partitionOf } from "./partitions.ts";

/** The longest window any rule looks back over (D5: 5 min), and as far ahead, because events come out of order. */
const NEAR_MS = 300_000;
/** Bounds on what one agent may keep in Redis (performance.md Q6: 20 KB per active agent). */
const MOST_ENTRIES = 100;
const MOST_MINUTES = 120;

export function createWindows(redis: Redis, partitions: number): Windows {
  return {
    async observeEscrow(agentId, entry) {
      const [members, minutes, epoch, openIncident, capsSeenAt, observed] = await runScript<
        [string[], string[], string, string, string, string]
      >(redis, "observeEscrow", tagKey(partitionOf(agentId, partitions)), [
        agentId,
        encodeURIComponent(entry.escrowId),
        entry.payee,
        entry.amount,
        String(money(entry.amount)),
        Math.round(entry.at),
        NEAR_MS,
        MOST_ENTRIES,
        MOST_MINUTES,
        entry.eventId,
      ]);
      return {
        entries: members.map(readMember),
        principalByMinute: readMinutes(minutes),
        epoch: Number(epoch),
        observed: Number(observed),
        openIncident: openIncident || null,
        capsSeenAt: capsSeenAt ? Number(capsSeenAt) : null,
      };
    },
  };
}

function readMember(member: string): WindowEntry {
  const [at, escrowId, amount, eventId, ...payee] = member.split(" ");
  return {
    at: Number(at),
    escrowId: decodeURIComponent(escrowId ?? ""),
    amount: amount ?? "0",
    eventId: eventId ?? "",
    payee: payee.join(" "),
  };
}

function readMinutes(flat: readonly string[]): Map<number, Money> {
  const byMinute = new Map<number, Money>();
  for (let i = 0; i + 1 < flat.length; i += 2) byMinute.set(Number(flat[i]), BigInt(flat[i + 1]!) as Money);
  return byMinute;
}
