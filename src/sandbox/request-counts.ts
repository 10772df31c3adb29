/** How often each route answered what, the way a drill asks "how many 429 did we cause". */
export interface RequestCounts {
  enter(tool: string): void;
  /** status 0: the connection was cut or left without an answer. */
  leave(tool: string, status: number): void;
  inFlight(): number;
  report(): RequestReport;
  clear(): void;
}

export interface RequestReport {
  total: number;
  inFlight: number;
  peakInFlight: number;
  /** route name -> status -> count */
  byRoute: Record<string, Record<string, number>>;
  byStatus: Record<string, number>;
}

export function createRequestCounts(): RequestCounts {
  let byRoute = new Map<string, Map<number, number>>();
  let open = 0;
  let peak = 0;
  return {
    enter() {
      open += 1;
      peak = Math.max(peak, open);
    },
    leave(tool, status) {
      open -= 1;
      const statuses = byRoute.get(tool) ?? new Map<number, number>();
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      byRoute.set(tool, statuses);
    },
    inFlight: () => open,
    report: () => report(byRoute, open, peak),
    clear() {
      byRoute = new Map();
      peak = open;
    },
  };
}

function report(byRoute: Map<string, Map<number, number>>, inFlight: number, peakInFlight: number): RequestReport {
  const byStatus: Record<string, number> = {};
  let total = 0;
  for (const statuses of byRoute.values()) {
    for (const [status, count] of statuses) {
      byStatus[status] = (byStatus[status] ?? 0) + count;
      total += count;
    }
  }
  const routes = Object.fromEntries([...byRoute].map(([tool, statuses]) => [tool, Object.fromEntries(statuses)]));
  return { total, inFlight, peakInFlight, byRoute: routes, byStatus };
}
