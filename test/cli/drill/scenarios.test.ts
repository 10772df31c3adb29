import { describe, expect, it } from "vitest";
import { settingsOf } from "../../../src/cli/drill/settings.ts";
import { signalKinds } from "../../../src/incident/signal.ts";
import { lengthOf } from "../../../src/sandbox/play.ts";
import { scenarios } from "../../../src/sandbox/scenarios/index.ts";
import { fleetAgent, readSettings } from "../../../src/settings/settings.ts";

/** Two minutes of story for every drill would be half an hour of waiting. */
const LONGEST_MS = 25_000;

describe("the drills", () => {
  it("have names of their own, each trouble and each benign trace", () => {
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
    expect(scenarios.filter(({ expected }) => expected.signal === null).length).toBeGreaterThanOrEqual(4);
    expect(scenarios.filter(({ expected }) => expected.signal !== null).length).toBeGreaterThanOrEqual(12);
  });
});

describe.each(scenarios.map((scenario) => [scenario.name, scenario] as const))("the drill %s", (_name, scenario) => {
  const { agents, acts, expected } = scenario;
  const ids = agents.map(({ agentId }) => agentId);

  it("is about a signal there is, and about agents that are on stage", () => {
    if (expected.signal !== null) expect(signalKinds).toContain(expected.signal);
    const { frozen = [], halved = [], stopped = [], restricted = [], comesBack = [] } = expected;
    const caught = [...frozen, ...halved, ...stopped, ...restricted];
    expect(caught.length > 0).toBe(expected.signal !== null);
    const named = acts.flatMap((act) => ("payer" in act ? act.payer : "agentId" in act ? act.agentId : []));
    for (const id of [...caught, ...comesBack.map(({ payer }) => payer), ...named]) expect(ids).toContain(id);
  });

  it("has somebody in it who must be left alone", () => {
    const { frozen = [], halved = [], stopped = [], restricted = [] } = expected;
    expect(ids.filter((id) => ![...frozen, ...halved, ...stopped, ...restricted].includes(id)).length).toBeGreaterThan(
      0,
    );
  });

  it("is told within a day and played within 25 s", () => {
    expect(lengthOf(scenario)).toBeLessThan(24 * 3_600_000);
    expect(lengthOf(scenario) / scenario.speed).toBeLessThan(LONGEST_MS);
  });

  it("makes a settings file without mistakes, in which everybody on stage stands with what they have", () => {
    const settings = readSettings(settingsOf(scenario), {});
    for (const agent of agents)
      expect(fleetAgent(settings, agent.agentId)).toMatchObject({
        wallet: agent.walletId,
        ...(agent.publicKey === undefined ? {} : { pinnedPublicKey: agent.publicKey }),
        ...(agent.reputation === undefined ? {} : { reputationBaseline: agent.reputation }),
        ...(agent.tools === undefined ? {} : { tools: agent.tools }),
      });
    const { watchEveryMs } = scenario.switches ?? {};
    if (watchEveryMs !== undefined) expect(settings.watch.highValueEveryMs).toBe(watchEveryMs);
  });
});
