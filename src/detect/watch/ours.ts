import type { WatchPorts } from "./ports.ts";

/** Under which names containment may have claimed the cancel of this escrow (runbooks/cancel-once.ts). */
export function cancelActions(escrowId: string, createdAt: number | null | undefined): readonly string[] {
  const plain = `cancel:${escrowId}`;
  return createdAt === undefined || createdAt === null ? [plain] : [plain, `${plain}:${createdAt}`];
}

/** What the responder did itself must not become a signal: containment would prove the agent guilty of being contained. */
export async function withoutOurs<T>(
  ports: Pick<WatchPorts, "agentWatch">,
  agentId: string,
  rows: readonly T[],
  actionsOf: (row: T) => readonly string[],
): Promise<readonly T[]> {
  if (rows.length === 0) return rows;
  const ours = await ports.agentWatch.ownActions(agentId, rows.flatMap(actionsOf));
  return rows.filter((row) => !actionsOf(row).some((action) => ours.has(action)));
}
