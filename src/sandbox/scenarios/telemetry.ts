import type { Act } from "./act.ts";

/** What the agents of the telemetry stories do on any day: a tool now and then, far below any threshold. */
export function ordinaryTools(agentId: string, when: { fromMs: number; everyMs: number; count: number }): Act[] {
  const tools = ["crm_lookup", "summarize", "calendar", "translate"];
  return Array.from({ length: when.count }, (_, index) => ({
    atMs: when.fromMs + index * when.everyMs,
    does: "report",
    agentId,
    type: "tool_call",
    details: { tool_name: tools[index % tools.length], parameters: { query: `case ${index}` } },
  }));
}
