/** A time in milliseconds since 1970 as people and other programs read it: ISO 8601 in UTC. */
export function iso(at: number): string;
export function iso(at: number | null): string | null;
export function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
