import { describeError, TourniquetError } from "../errors.ts";
import type { Services } from "../services.ts";
import type { DoctorPorts, Item, Measured, State } from "./item.ts";

export interface Finding extends Measured {
  id: string;
  section: Item["section"];
  title: string;
  tookMs: number;
}

export interface Diagnosis {
  /** Nothing failed. */
  isReady: boolean;
  counts: Readonly<Record<State, number>>;
  findings: readonly Finding[];
}

/** Every item at the same time, each with its own deadline: what is away fails its own items, and the others go on. */
export async function diagnose(
  ports: DoctorPorts,
  items: readonly Item[],
  onProgress: (waitingFor: readonly string[]) => void = () => undefined,
): Promise<Diagnosis> {
  const waiting = new Set(items.map(({ id }) => id));
  const findings = await Promise.all(
    items.map(async (item): Promise<Finding> => {
      const startedAt = performance.now();
      const measured = await measure(item, ports);
      waiting.delete(item.id);
      onProgress([...waiting]);
      const { id, section, title } = item;
      return { id, section, title, ...measured, tookMs: Math.round(performance.now() - startedAt) };
    }),
  );
  const counts = { ok: 0, warn: 0, fail: 0 };
  for (const { state } of findings) counts[state] += 1;
  return { isReady: counts.fail === 0, counts, findings };
}

async function measure({ deadlineMs, measure: work }: Item, ports: DoctorPorts): Promise<Measured> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), deadlineMs);
  const ranOut = new Promise<Measured>((resolve) => {
    const found = `not measured: no answer within ${deadlineMs / 1000} s`;
    late.signal.addEventListener("abort", () => resolve({ state: "fail", found, mend: MEND.late }), { once: true });
  });
  try {
    return await Promise.race([work(ports, late.signal), ranOut]);
  } catch (error) {
    const { code, message } = describeError(error);
    const found = code === "redis-unavailable" ? "not measured: it needs Redis" : `not measured: ${message}`;
    return { state: "fail", found, mend: MEND.of(code) };
  } finally {
    clearTimeout(timer);
  }
}

const MEND = {
  late: "See which of Redis and the gateway is slow to answer: the items redis, clock and sources say",
  of: (code: string): string =>
    code.startsWith("redis-")
      ? "Mend Redis first (item redis), then ask again"
      : code.startsWith("gateway-")
        ? "Mend the way to the gateway first: GREENHELIX_BASE_URL and the keys (item keys), then ask again"
        : "Mend what the message says, then ask again",
};

/** For an item that nothing can be said of without Redis. */
export function servicesOf({ services }: DoctorPorts): Services {
  if (services instanceof TourniquetError) throw services;
  return services;
}
