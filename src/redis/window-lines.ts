import type { Money } from "../incident/money.ts";
import type { EscrowEnd, Outflow, SeenEscrow } from "../incident/windows.ts";

/** The words of scripts/observe-money.lua, which keeps an agent's money as lines of text: a third of what a sorted set takes. */

export const unknown = "-";

/** A word without spaces, never `unknown`. The usual id stays as it is. */
export function token(text: string): string {
  return text === unknown || text === "" ? `%${unknown}${text}` : encodeURIComponent(text);
}

function fromToken(word: string): string {
  return word.startsWith(`%${unknown}`) ? word.slice(2) : decodeURIComponent(word);
}

/** Base 36 in 8 digits, which sorts as text until the year 2059. */
export function toWindowTime(ms: number): string {
  return Math.max(0, ms).toString(36).padStart(8, "0");
}

const fromWindowTime = (word: string): number => Number.parseInt(word, 36);

/** By time of opening, then of ending. `afresh` null: whatever an incident answered before is shown too. */
export function readEscrows(lines: string, afresh: string | null): SeenEscrow[] {
  if (lines === "") return [];
  const escrows = lines.split("\n").map((line) => readEscrow(line.split(" "), afresh));
  return escrows.sort((a, b) => timeOf(a) - timeOf(b));
}

const timeOf = ({ opened, end }: SeenEscrow): number => opened?.at ?? end?.at ?? 0;

function readEscrow(words: readonly string[], afresh: string | null): SeenEscrow {
  const [, escrowId, payee, amount, openedIn, openedAt, openEvent, endedIn, endedAt, endEvent, state, isOurs] =
    words as [string, string, string, string, string, string, string, string, string, string, string, string];
  const counts = (when: string, at: string) => at !== unknown && (afresh === null || when === afresh);
  return {
    escrowId: fromToken(escrowId),
    payee: payee === unknown ? null : fromToken(payee),
    amount: amount === unknown ? null : amount,
    opened: counts(openedIn, openedAt) ? { at: fromWindowTime(openedAt), eventId: fromToken(openEvent) } : null,
    end: counts(endedIn, endedAt)
      ? {
          state: state as EscrowEnd["state"],
          at: fromWindowTime(endedAt),
          eventId: fromToken(endEvent),
          isOurs: isOurs === "1",
        }
      : null,
  };
}

/** Oldest first. */
export function readOutflows(lines: string): Omit<Outflow, "transactionId">[] {
  if (lines === "") return [];
  return lines
    .split("\n")
    .sort()
    .map((line) => {
      const [at, eventId, amount, payee] = line.split(" ") as [string, string, string, string];
      return { at: fromWindowTime(at), eventId: fromToken(eventId), amount, payee: fromToken(payee) };
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
