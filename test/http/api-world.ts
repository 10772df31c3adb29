import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { AppPorts } from "../../src/http/app.ts";
import { createLog } from "../../src/log.ts";
import { openNotifiers } from "../../src/notify/notifiers/index.ts";
import type { Services } from "../../src/services.ts";
import { failedAt } from "../queues/dead-world.ts";
import { until } from "../support/until.ts";
import { createWorld } from "../support/world.ts";
import { type Api, serveApi, tokens } from "./api.ts";

/** An API over a product in which something of everything has happened, for real: its own workers did it. */
export interface ApiWorld extends Omit<Api, "stored"> {
  incidents: { root: string; other: string };
  cascadeId: string;
  /** One to approve and withdraw, one to reject. */
  tunings: readonly [string, string];
  deadLetter: string;
}

const everyToken = { ...tokens, agent: "agent-token-0123" };
const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
const settings = `
fleet:
  agents: [{ id: agent-a, wallet: ops, value: high }, { id: agent-b, wallet: ops }]
silences:
  - { owner: mira, reason: load test, until: "${inAnHour}", agent: agent-b, signal: error-spike }
runbooks: { service-degradation: { dryRun: true } }
`;

/** Drills are tried elsewhere; here one is recorded as begun. */
const runnerOf = ({ drills }: Services): AppPorts["drillRunner"] => ({
  scenarios: async () => [{ name: "runaway", story: "The night of 2:47" }],
  async start({ by }) {
    const wanted = ["runaway"];
    const { id } = await drills.begin({ wanted, by, via: "api", version: "0.0.0" }, { isAlone: true });
    await drills.record(id, { drill: "runaway", verdict: "passed", durationMs: 1_000, score: { freezes: 1 } });
    return { id, wanted };
  },
});

export async function apiWorld(): Promise<ApiWorld> {
  const world = await createWorld({ settings, workers: ["containment", "cascade", "forensics", "recovery"] });
  const { services } = world;
  for (const agentId of ["agent-a", "agent-b"]) await world.admin.placeAgent(agentId);
  for (let i = 0; i < 8; i += 1)
    for (const payer of ["agent-a", "agent-b"]) await world.openEscrow({ payer, payee: "flaky-upstream" });
  const cascade = await until(async () => {
    const [found] = await services.cascades.list(1);
    const all = await services.incidents.list(10);
    const isDone = all.length === 2 && all.every(({ status }) => status === "contained");
    const evidence = await Promise.all(all.map(({ id }) => services.incidents.evidence(id)));
    return isDone && evidence.every((parts) => "at-containment" in parts) && found?.members.length === 2 ? found : null;
  }, "both contained as one cascade, evidence taken");
  const byAgent = new Map((await services.incidents.list(10)).map(({ agentId, id }) => [agentId, id]));
  const [root, other] = ["agent-a", "agent-b"].map((agentId) => byAgent.get(agentId)!) as [string, string];
  const propose = async (path: string) =>
    (
      await services.tunings.propose({
        ...{ agentId: "agent-a", incidentId: root, reason: "late", path, direction: "tighter" },
        ...{ from: 2, to: 1.5, fileValue: 2 },
      })
    ).tuning.id;
  const tunings = [await propose("costAnomaly.sigmas"), await propose("costAnomaly.minimumFactor")] as const;
  await failedAt(services, "forensics", "dead-1", { incidentId: root, part: "at-containment" }, Date.now() - 1_000);
  const receiver = createServer((_req, res) => void res.end("ok")).listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const slack = { url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook` };
  const channels = { slack, pagerduty: undefined, "pagerduty-secondary": undefined, webhook: undefined };
  const options = { ...services.settings.notify, allowPrivateHosts: true };
  const notifiers = openNotifiers(channels, options, createLog("silent", "test"));
  const api = await serveApi(services, {
    tokens: everyToken,
    ports: () => ({ notifiers, drillRunner: runnerOf(world.services) }),
  });
  return {
    ...api,
    ...{ incidents: { root, other }, cascadeId: cascade.id, tunings, deadLetter: "dead-1" },
    async close() {
      await api.close();
      await notifiers.close();
      receiver.close();
      await world.close();
    },
  };
}
