import type { Channel } from "./escalation.ts";
import { formatMoney, type Money, money } from "./money.ts";

/** How people are told the same thing everywhere: on a page, in `incidents show`, in a post-mortem. */

/** "2026-11-22 02:47:14 UTC". Takes ISO 8601 or milliseconds since 1970. */
export function utc(at: string | number): string {
  return new Date(at)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, " UTC");
}

/** "once", "twice", "3 times". */
export function times(n: number): string {
  return n === 1 ? "once" : n === 2 ? "twice" : `${n} times`;
}

/** "$46,800.00": the gateway's decimals, thousands apart. Takes a decimal string or Money. */
export function dollars(amount: string | Money): string {
  const [whole = "", decimals = ""] = (
    typeof amount === "string" ? formatMoney(money(amount)) : formatMoney(amount)
  ).split(".");
  return `$${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${decimals}`;
}

/** "83.3": one decimal at most, the rest cut off: what has not reached its line is not said to have. */
export const percent = (of100: number): string => String(Math.floor(Number((of100 * 10).toFixed(6))) / 10);

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
] as const;

/** "850 ms", "4.2 s", "2 min 5 s", "1 d 3 h": two units at most, the smaller one cut off. */
export function lasting(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 10_000) return `${(Math.floor(ms / 100) / 10).toFixed(1).replace(/\.0$/, "")} s`;
  if (ms < 60_000) return `${Math.floor(ms / 1_000)} s`;
  const at = units.findIndex(([, size]) => ms >= size);
  const [name, size] = units[at]!;
  const [nextName, nextSize] = units[at + 1] ?? ["s", 1_000];
  const rest = Math.floor((ms % size) / nextSize);
  return `${Math.floor(ms / size)} ${name}${rest === 0 ? "" : ` ${rest} ${nextName}`}`;
}

const channelNames: Readonly<Record<Channel | "log", string>> = {
  slack: "Slack",
  pagerduty: "PagerDuty",
  "pagerduty-secondary": "PagerDuty's second line",
  webhook: "the webhook",
  log: "the log",
};

/** One that has no name here says its own. */
export function channelName(channel: string): string {
  return (channelNames as Readonly<Record<string, string>>)[channel] ?? channel;
}

/** "1 escrow is", "12 escrows are". */
export const escrowsAre = (count: number): string => (count === 1 ? "1 escrow is" : `${count} escrows are`);
