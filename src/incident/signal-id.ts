import { hash } from "node:crypto";
import type { SignalKind } from "./signal.ts";

/**
 * The same conclusion from the same event has the same id, whoever draws it and however often (G3).
 * For a conclusion from many events the caller passes what names the trouble instead of one event id.
 */
export function signalId(kind: SignalKind, agentId: string, cause: string): string {
  return `sig-${hash("sha256", `${kind}\n${agentId}\n${cause}`).slice(0, 16)}`;
}
