import type { ModelPorts } from "./model.ts";

const wrapped = [
  ...["gateway", "caps", "incidents", "actions", "recoveries", "verdicts", "dispatch"],
  ...["marks", "cascades", "access", "standing", "clock", "fleet", "silences", "inbox"],
] as const;

export type When = "before" | "after";

/** The same ports, each call counted; `inject` runs right before call `at`, or right after it. */
export function interruptible(real: ModelPorts, inject: (() => Promise<unknown>) | null, at: number, when: When) {
  const calls: string[] = [];
  const wrap =
    (name: string, call: (...args: unknown[]) => unknown) =>
    async (...args: unknown[]) => {
      calls.push(name);
      const isHere = calls.length === at;
      if (isHere && when === "before") await inject?.();
      const answer = await call(...args);
      if (isHere && when === "after") await inject?.();
      return answer;
    };
  const ports = wrapped.map((port) => {
    const entries = Object.entries(real[port as keyof ModelPorts] as object).map(([name, value]) => [
      name,
      // A list is walked, not awaited: it is no await of its own.
      typeof value === "function" && name !== "listEscrows" ? wrap(`${port}.${name}`, value) : value,
    ]);
    return [port, Object.fromEntries(entries)];
  });
  return { ports: { ...real, ...Object.fromEntries(ports) } as ModelPorts, calls };
}
