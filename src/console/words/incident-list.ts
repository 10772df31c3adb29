/** How many are shown at first and added with each press; from MOST on they come page by page, each as it was then. */
const STEP = 50;
export const MOST = 500;

/** Whole steps: what an address says, or so many that at least `wanted` are shown. */
export function shownOf(wanted: string | number | null): number {
  const steps = Math.ceil(Number(wanted) / STEP);
  return Math.min(MOST, STEP * (steps >= 1 ? steps : 1));
}

/** What is open comes first, the most urgent before all: no incident that bleeds is behind one that does not, however old it is. */
export function listPath(filter: Readonly<Record<string, string>>, shown: number): string {
  const said = Object.entries(filter).filter(([, value]) => value !== "");
  return `/api/incidents?${new URLSearchParams([...said, ["order", "urgency"], ["limit", String(shown)]])}`;
}
