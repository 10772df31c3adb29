import { readFileSync } from "node:fs";
import { TourniquetError } from "../../errors.ts";
import type { IncidentView } from "../../incident/incident.ts";
import type { Truth } from "../../learn/backtest.ts";

/** `{"trouble": ["agent", ...]}`: every other agent is benign. Throws input-invalid naming the file. */
export function truthFrom(file: string): Truth {
  const trouble = troubleIn(file);
  if (trouble !== null) return { kind: "file", trouble };
  throw new TourniquetError("input-invalid", `${file} must be a JSON object such as {"trouble": ["procurement-17"]}`);
}

function troubleIn(file: string): ReadonlySet<string> | null {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new TourniquetError("input-invalid", `${file} cannot be read (${String(error)})`, {}, error);
  }
  try {
    const { trouble } = JSON.parse(text) as { trouble?: unknown };
    const isList = Array.isArray(trouble) && trouble.every((agentId) => typeof agentId === "string");
    return isList ? new Set(trouble) : null;
  } catch (error) {
    // No JSON, or null.
    if (error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}

/**
 * What people made of the incidents there were: an agent of which one was not stood down was in trouble. Null where there were
 * none: then nobody knows.
 */
export function truthOfIncidents(incidents: readonly IncidentView[], fromMs: number): Truth | null {
  const judged = incidents.filter(({ openedAt, dryRun }) => openedAt >= fromMs && !dryRun);
  if (judged.length === 0) return null;
  const real = judged.filter(({ status, standDown }) => status !== "stood-down" && standDown === null);
  return { kind: "incidents", trouble: new Set(real.map(({ agentId }) => agentId)) };
}
