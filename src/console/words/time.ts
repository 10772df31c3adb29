export { lasting } from "../../incident/plain-words.ts";

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** How long ago, roughly, and how long it still takes, to the next smaller unit: "just now", "5 min ago", "in 5 h 59 min". */
export function relative(at: number, now: number): string {
  const ms = Math.abs(now - at);
  if (ms < 10_000) return at > now ? "in a moment" : "just now";
  const index = units.findIndex(([, size]) => ms >= size);
  const [name, size] = units[index]!;
  const text = `${Math.floor(ms / size)} ${name}`;
  if (at <= now) return `${text} ago`;
  // Cut to the hour, "in 5 h" would be said of six hours that have just begun.
  const [smaller, part] = units[index + 1] ?? ["", Number.POSITIVE_INFINITY];
  const rest = ms >= 3_600_000 ? Math.floor((ms % size) / part) : 0;
  return `in ${text}${rest > 0 ? ` ${rest} ${smaller}` : ""}`;
}

/** "02:47:13", by the clock of whoever looks. */
export function clock(at: number, { seconds = true, zone }: { seconds?: boolean; zone?: string } = {}): string {
  return new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds && { second: "2-digit" }),
    hourCycle: "h23",
    timeZone: zone,
  }).format(at);
}

/** "22 Nov, 02:47:13", and by UTC beside it where that is another: what is shown on hover and to screen readers. */
export function exact(at: number, zone?: string): string {
  const iso = new Date(at).toISOString();
  const utc = `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
  const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: zone }).format(at);
  const local = `${date}, ${clock(at, zone === undefined ? {} : { zone })}`;
  const name = zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  return name === "UTC" ? utc : `${local} your time, ${utc}`;
}

/** Milliseconds since 1970 of a time as the API writes it; null for none. */
export function at(iso: string): number;
export function at(iso: string | null | undefined): number | null;
export function at(iso: string | null | undefined): number | null {
  return iso == null ? null : Date.parse(iso);
}
