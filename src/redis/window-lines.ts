import type { Money } from "../incident/money.ts";
import type { EscrowEnd, Outflow, SeenEscrow } from "../incident/windows.ts";

/** The words of scripts/observe-money.lua, which keeps an agent's money as lines of text: a third of what a sorted set takes. */

export const unknown = "-";

/** A word without spaces, never `unknown`. The usual id stays as it is. */
export function token(text: string): string {
  return text === unknown || text === "" ? `%${unknown}${text}` : encodeURIComponent(text);
}

function fromToken(word: string): string {
  if (!word.includes("%")) return word;
  return word.startsWith(`%${unknown}`) ? word.slice(2) : decodeURIComponent(word);
}

const OWN_ID = /^evt-(\d+)-([0-9a-f]{32})$/;

/** An event id of this partition in 22 characters: two thirds of a line would be ids. Any other id as it is. */
export function eventToken(eventId: string, partition: number): string {
  const [, of, hex] = OWN_ID.exec(eventId) ?? [];
  return hex && of === String(partition) ? `~${Buffer.from(hex, "hex").toString("base64url")}` : token(eventId);
}

function toEventId(word: string, partition: number): string {
  if (!word.startsWith("~")) return fromToken(word);
  return `evt-${partition}-${Buffer.from(word.slice(1), "base64url").toString("hex")}`;
}

/** Base 36 in 8 digits, which sorts as text until the year 2059. */
export function toWindowTime(ms: number): string {
  return Math.max(0, ms).toString(36).padStart(8, "0");
}

const fromWindowTime = (word: string): number => Number.parseInt(word, 36);

/** By time of opening, else of ending. `afresh` null: whatever an incident answered before is shown too. */
export function readEscrows(lines: string, partition: number, afresh: string | null): SeenEscrow[] {
  if (lines === "") return [];
  const escrows = lines.split("\n").map((line) => readEscrow(line.split(" "), partition, afresh));
  return escrows.sort((a, b) => timeOf(a) - timeOf(b));
}

const timeOf = ({ opened, end }: SeenEscrow): number => opened?.at ?? end?.at ?? 0;

function readEscrow(words: readonly string[], partition: number, afresh: string | null): SeenEscrow {
  const [, escrowId, payee, amount, openedIn, openedAt, openEvent, endedIn, endedAt, endEvent, state, isOurs] =
    words as [string, string, string, string, string, string, string, string, string, string, string, string];
  const counts = (when: string, at: string) => at !== unknown && (afresh === null || when === afresh);
  return {
    escrowId: fromToken(escrowId),
    payee: payee === unknown ? null : fromToken(payee),
    amount: amount === unknown ? null : amount,
    opened: counts(openedIn, openedAt)
      ? { at: fromWindowTime(openedAt), eventId: toEventId(openEvent, partition) }
      : null,
    end: counts(endedIn, endedAt)
      ? {
          state: state as EscrowEnd["state"],
          at: fromWindowTime(endedAt),
          eventId: toEventId(endEvent, partition),
          isOurs: isOurs === "1",
        }
      : null,
  };
}

/** Oldest first. */
export function readOutflows(lines: string, partition: number): Omit<Outflow, "transactionId">[] {
  if (lines === "") return [];
  return lines
    .split("\n")
    .sort()
    .map((line) => {
      const [at, eventId, amount, payee] = line.split(" ") as [string, string, string, string];
      return { at: fromWindowTime(at), eventId: toEventId(eventId, partition), amount, payee: fromToken(payee) };
    });
}

/** "<minute> <units> <minute> <units>". */
export function readMinutes(text: string): Map<number, Money> {
  const byMinute = new Map<number, Money>();
  if (text === "") return byMinute;
  const words = text.split(" ");
  for (let i = 0; i + 1 < words.length; i += 2) byMinute.set(Number(words[i]), BigInt(words[i + 1]!) as Money);
  return byMinute;
}
