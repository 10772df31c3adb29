import { describeError, isTransient } from "../errors.ts";
import type { Access } from "../incident/access.ts";
import type { Gateway } from "../incident/gateway.ts";
import type { Incident } from "../incident/incident.ts";
import { percent } from "../incident/plain-words.ts";
import type { GateName, KeptRecovery } from "../incident/recovery.ts";
import { baselineOf, millionths, type Standing } from "../incident/standing.ts";
import { PROOF_DEADLINE_MS } from "../runbooks/runbook.ts";
import { type FleetAgent, type Settings, thresholdsFor } from "../settings/settings.ts";

export interface IdentityGatePorts {
  gateway: Pick<Gateway, "readIdentity" | "verifyAgent" | "readReputation">;
  access: Pick<Access, "pin">;
  standing: Pick<Standing, "known">;
  settings: Settings;
  fleetAgent(agentId: string): FleetAgent | undefined;
}

/** Recorded once, with what was found (R1). reason: why it did not pass. */
export type GateAnswer = { gate: GateName; found: Readonly<Record<string, unknown>> } & (
  | { passed: true }
  | { passed: false; reason: string }
);

/** What was found, and why it does not pass; null: it does. */
export interface Found {
  found: Readonly<Record<string, unknown>>;
  wrong: string | null;
}

/**
 * Is this still the agent we know, and does it still have its name (R1)? What the gateway cannot verify is unknown: it passes, and
 * is shown as unknown (C4). Throws where the gateway does not answer: the queue asks again.
 */
export async function identityAndReputation(
  ports: IdentityGatePorts,
  { agentId }: Pick<Incident, "agentId">,
  { acceptReputation }: Pick<KeptRecovery, "acceptReputation">,
  abort: AbortSignal,
): Promise<GateAnswer> {
  const [identity, reputation] = await Promise.all([
    lookAtIdentity(ports, agentId, abort),
    lookAtReputation(ports, agentId, abort),
  ]);
  const found = { identity: identity.found, reputation: reputation.found };
  const isAccepted = reputation.wrong !== null && acceptReputation !== null;
  const wrong = identity.wrong ?? (isAccepted ? null : reputation.wrong);
  if (wrong !== null) return { gate: "identity-and-reputation", passed: false, reason: wrong, found };
  return {
    gate: "identity-and-reputation",
    passed: true,
    found: { ...found, ...(isAccepted && { accepted: acceptReputation }) },
  };
}

async function lookAtIdentity(ports: IdentityGatePorts, agentId: string, abort: AbortSignal): Promise<Found> {
  const options = { deadlineMs: PROOF_DEADLINE_MS, signal: abort };
  const read = await known(
    Promise.all([ports.gateway.readIdentity(agentId, options), ports.gateway.verifyAgent(agentId, options)]),
  );
  if ("unknown" in read) return { found: { verdict: "unknown", why: read.unknown }, wrong: null };
  const [{ publicKey }, { verdict, reason }] = read.value;
  const inSettings = ports.fleetAgent(agentId)?.pinnedPublicKey ?? null;
  const pinned = inSettings ?? (await ports.access.pin(agentId, null)).firstKey;
  const shown = publicKey?.toLowerCase() ?? null;
  const found = { verdict, why: reason, publicKey: shown, pinned, pinnedBy: pinnedBy(inSettings, pinned) };
  // A key that a person pinned must be there; of one that was only seen once the gateway may show none any more.
  const isOther = pinned !== null && shown !== pinned.toLowerCase() && (inSettings !== null || shown !== null);
  if (isOther)
    return { found: { ...found, verdict: "invalid" }, wrong: `the public key is ${shown ?? "none"}, not ${pinned}` };
  return { found, wrong: verdict === "invalid" ? `its identity is not valid: ${reason}` : null };
}

function pinnedBy(inSettings: string | null, pinned: string | null): "settings" | "first seen" | null {
  if (pinned === null) return null;
  return inSettings === null ? "first seen" : "settings";
}

async function lookAtReputation(ports: IdentityGatePorts, agentId: string, abort: AbortSignal): Promise<Found> {
  const read = await known(ports.gateway.readReputation(agentId, { deadlineMs: PROOF_DEADLINE_MS, signal: abort }));
  if ("unknown" in read) return { found: { score: "unknown", why: read.unknown }, wrong: null };
  const { score } = read.value;
  if (score === undefined) return { found: { score: "unknown", why: "the gateway never computed one" }, wrong: null };
  const given = ports.fleetAgent(agentId)?.reputationBaseline;
  const baseline = baselineOf(await ports.standing.known(agentId), given)?.score ?? null;
  if (baseline === null || baseline <= 0) return { found: { score, baseline: "unknown" }, wrong: null };
  const { criticalDropPct } = thresholdsFor(ports.settings, agentId).reputation;
  const dropPct = Math.max(0, Number(percent(((baseline - score) / baseline) * 100)));
  const found = { score, baseline, dropPct, criticalDropPct };
  if (!isDropOf(criticalDropPct, baseline, score)) return { found, wrong: null };
  return {
    found,
    wrong: `its reputation is ${score}, ${dropPct} % below its baseline of ${baseline}; say why you accept that, or wait`,
  };
}

/** In whole millionths: the edge must be where it is written (D2). */
function isDropOf(percent: number, baseline: number, score: number): boolean {
  return (millionths(baseline) - millionths(score)) * 100_000 >= Math.round(percent * 1_000) * millionths(baseline);
}

/** What the gateway will not say, for good, is unknown; what it does not say now is asked again. */
export async function known<T>(reading: Promise<T>): Promise<{ value: T } | { unknown: string }> {
  try {
    return { value: await reading };
  } catch (error) {
    if (isTransient(error)) throw error;
    return { unknown: describeError(error).message };
  }
}
