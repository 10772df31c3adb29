import { formatMoney, type Money, money, parseMoney, zero } from "../../incident/money.ts";
import { againPart } from "../investigate.ts";
import { eventsIn } from "../kept-events.ts";
import type { ToolUse } from "../telemetry.ts";

export type Parts = Readonly<Record<string, unknown>>;

/** What one source said, in the part that knows it; undefined where none does. */
export interface Told {
  part: string;
  known: unknown;
}

/** The parts that ask sources, as they are taken in time. */
const early = ["at-containment", "after", "at-end"] as const;
const late = ["at-end", "after", "at-containment"] as const;

/** earliest: as it was found; latest: as it was when all was done. */
export function told(parts: Parts, source: string, which: "earliest" | "latest"): Told | undefined {
  for (const part of which === "earliest" ? early : late) {
    const again = parts[againPart(part, source)] as { known?: unknown } | undefined;
    const answer = (parts[part] as Record<string, { known?: unknown } | undefined> | undefined)?.[source];
    const known = answer?.known ?? again?.known;
    if (known !== undefined) return { part, known };
  }
  return undefined;
}

/** Sources that no part knows anything of, by name; empty where nobody was asked yet. */
export function unknownSources(parts: Parts): string[] {
  const asked = early.flatMap((part) =>
    Object.entries((parts[part] as Record<string, unknown> | undefined) ?? {}).flatMap(([name, answer]) =>
      typeof answer === "object" && answer !== null && "unknown" in answer ? [name] : [],
    ),
  );
  return [...new Set(asked)].filter((name) => told(parts, name, "earliest") === undefined);
}

export interface EscrowRow {
  id: string;
  payer: string;
  payee: string;
  amount: Money;
  state: string;
  createdAt: number | null;
}

export interface TransactionRow {
  amount: Money;
  description: string;
  createdAt: number | null;
}

/**
 * Rows from the first moment to the last. The gateway may show whole seconds only, cut off: such a row counts where its second
 * does, every other by itself.
 */
export function within(fromMs: number, untilMs: number): (row: { createdAt: number | null }) => boolean {
  const secondOf = (ms: number) => Math.floor(ms / 1_000) * 1_000;
  return ({ createdAt }) =>
    createdAt !== null &&
    createdAt <= untilMs &&
    createdAt >= (createdAt === secondOf(createdAt) ? secondOf(fromMs) : fromMs);
}

const timeOf = (value: unknown): number | null => (typeof value === "number" ? value : null);

/** Undefined where nobody could say. */
export function escrowsTold(parts: Parts, which: "earliest" | "latest"): readonly EscrowRow[] | undefined {
  const rows = told(parts, "escrows", which)?.known;
  if (!Array.isArray(rows)) return undefined;
  return rows.map((row) => ({
    id: String(row.id),
    payer: String(row.payer),
    payee: String(row.payee),
    amount: money(row.amount),
    state: String(row.state),
    createdAt: timeOf(row.createdAt),
  }));
}

export function transactionsTold(parts: Parts): readonly TransactionRow[] | undefined {
  const rows = told(parts, "transactions", "latest")?.known;
  if (!Array.isArray(rows)) return undefined;
  return rows.map((row) => ({
    amount: parseMoney(row.amount) ?? zero,
    description: String(row.description ?? ""),
    createdAt: timeOf(row.createdAt),
  }));
}

/**
 * What the wallet could still have paid when the evidence was taken: its balance, less what had already come back from this
 * incident's own escrows by then, which without the containment would not have come back. Never below zero; null: not known.
 */
export function availableAtContainment(parts: Parts, recovered: ReadonlySet<string>): string | null {
  const balance = (told(parts, "balance", "earliest")?.known as { balance?: string } | undefined)?.balance;
  if (balance === undefined) return null;
  const returned = (escrowsTold(parts, "earliest") ?? [])
    .filter(({ id, state }) => state === "refunded" && recovered.has(id))
    .reduce<bigint>((sum, { amount }) => sum + amount, 0n);
  const left = money(balance) - returned;
  return formatMoney((left < 0n ? 0n : left) as Money);
}

/** What was found out about the tools that were used; undefined where that was not asked. */
export function toolUseTold(parts: Parts): readonly ToolUse[] | undefined {
  const use = told(parts, "toolUse", "latest")?.known;
  return Array.isArray(use) ? (use as ToolUse[]) : undefined;
}

/** Names of the tools that the agent called in the hour before, most used first. */
export function toolsTold(parts: Parts): string[] {
  const activity = told(parts, "activity", "latest")?.known;
  const calls = Array.isArray(activity) ? activity.filter(({ kind }) => kind === "tool-call") : [];
  const counts = Map.groupBy(calls, ({ tool }) => String(tool));
  return [...counts].sort(([, a], [, b]) => b.length - a.length).map(([tool]) => tool);
}

/** When the events behind the signals happened, by their own word; milliseconds since 1970. */
export function timesOfEvents(parts: Parts): number[] {
  return Object.values(parts).flatMap((part) =>
    eventsIn(part).flatMap((event) => ("occurredAt" in event && event.occurredAt !== null ? [event.occurredAt] : [])),
  );
}
