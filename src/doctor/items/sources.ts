import { describeError } from "../../errors.ts";
import type { CallOptions, Gateway } from "../../incident/gateway.ts";
import type { DoctorPorts, Item } from "../item.ts";
import { fail, ok, warn } from "../item.ts";
import { NAME_THEM } from "../watched.ts";

const HOUR_MS = 3_600_000;
/** One after the other at a gateway that answers in 100 ms is a second; more agents would tell nothing new. */
const MOST_AGENTS = 3;

/** Answers how many rows there are; null for what is one. */
type Source = (gateway: Gateway, agentId: string, options: CallOptions) => Promise<number | null>;

const sources: Readonly<Record<string, Source>> = {
  identity: async (gateway, agentId, options) => {
    await gateway.readIdentity(agentId, options);
    return null;
  },
  balance: async (gateway, agentId, options) => {
    await gateway.readBalance(agentId, options);
    return null;
  },
  escrows: async (gateway, agentId, options) => {
    for await (const page of gateway.listEscrows(agentId, {}, options)) return page.length;
    return 0;
  },
  transactions: async (gateway, agentId, options) =>
    (await gateway.listTransactions(agentId, Date.now() - HOUR_MS, options)).length,
  claims: async (gateway, agentId, options) => (await gateway.readClaims(agentId, options)).length,
  "claim chains": async (gateway, agentId, options) => (await gateway.readClaimChains(agentId, options)).length,
};

/** F1: what evidence is taken from must answer before it is needed. Reads alone. */
export const forensicSources: Item = {
  id: "sources",
  section: "forensics",
  title: "identity, balance, escrows, transactions and claims answer",
  deadlineMs: 20_000,
  async measure(ports, abort) {
    const agents = ports.settings.fleet.agents.slice(0, MOST_AGENTS).map(({ id }) => id);
    if (agents.length === 0) return warn("not tried: the settings name no agent to ask about", NAME_THEM);
    const rows = (await Promise.all(agents.map((agentId) => ask(ports, agentId, abort)))).flat();
    const lines = rows.map(({ agentId, source, error, rows, tookMs }) =>
      error === null
        ? `  ${agentId} ${source}: ${rows === null ? "there" : rows} (${tookMs} ms)`
        : `! ${agentId} ${source}: ${error}`,
    );
    const more = { lines, detail: rows };
    const broken = rows.filter(({ error }) => error !== null);
    const slowest = Math.max(...rows.map(({ tookMs }) => tookMs));
    const of = `${Object.keys(sources).length} sources for ${agents.length} ${agents.length === 1 ? "agent" : "agents"}`;
    if (broken.length > 0)
      return fail(
        `${broken.length} of ${rows.length} reads failed: ${[...new Set(broken.map(({ source }) => source))].join(", ")}`,
        "Mend what the lines above say: the key's tier (claim chains need pro), its agent, or the way to the gateway",
        more,
      );
    const chains = rows.filter(({ source, rows }) => source === "claim chains" && rows === 0);
    if (chains.length > 0)
      return warn(
        `${of} answer, the slowest in ${slowest} ms; ${chains.length === agents.length ? "no" : "not every"} agent keeps claim chains`,
        "Have agents build them (POST /v1/identity/agents/<id>/claim-chains): without them there is nothing to check their claims against",
        more,
      );
    return ok(`${of} answer, the slowest in ${slowest} ms`, more);
  },
};

async function ask({ gateway, settings }: DoctorPorts, agentId: string, signal: AbortSignal) {
  const options = { deadlineMs: settings.gateway.deadlineMs, signal };
  return Promise.all(
    Object.entries(sources).map(async ([source, read]) => {
      const startedAt = performance.now();
      const took = () => Math.round(performance.now() - startedAt);
      try {
        const rows = await read(gateway, agentId, options);
        return { agentId, source, rows, error: null, tookMs: took() };
      } catch (error) {
        return { agentId, source, rows: null, error: describeError(error).message, tookMs: took() };
      }
    }),
  );
}
