import { describe, expect, it } from "vitest";
import { holdSettings } from "../../src/settings/holder.ts";
import { hashOf, presentSettings } from "../../src/settings/present.ts";
import { readSettings, type Settings } from "../../src/settings/settings.ts";

const read = (yaml?: string, env = {}) => readSettings(yaml, env);

describe("settings that are held", () => {
  it("are the new ones after a reload, for whoever kept the old object", () => {
    const held = holdSettings(read());
    const kept: Settings = held.live;
    const began = { ...kept };
    expect(held.reload(() => read("cascade: { agents: 3 }"))).toEqual({ answer: "reloaded", needsRestart: [] });
    expect(kept.cascade.agents).toBe(3);
    expect(began.cascade.agents).toBe(2);
    expect(Object.keys(kept)).toEqual(Object.keys(read()));
  });

  it("stay the old ones when the file has mistakes, and say which, until a reload succeeds", () => {
    const held = holdSettings(read("cascade: { agents: 4 }"));
    const { hash, loadedAt } = held.state;
    const reload = held.reload(() => read("cascade:\n  agents: 1\n  windowMs: no\n"));
    const mistakes = [
      "settings line 2: cascade.agents must be a whole number from 2 to 1000",
      "settings line 3: cascade.windowMs must be a whole number from 1 to 86400000",
    ];
    expect(reload).toEqual({ answer: "kept-old", mistakes });
    expect(held.live.cascade.agents).toBe(4);
    expect(held.state).toMatchObject({ hash, loadedAt, failure: { at: expect.any(Number), mistakes } });
    held.reload(() => read("cascade: { agents: 5 }"));
    expect(held.state.failure).toBeNull();
    expect(held.state.hash).not.toBe(hash);
  });

  it("do not hide a defect behind the old settings", () => {
    const held = holdSettings(read());
    expect(() =>
      held.reload(() => {
        throw new RangeError("a defect");
      }),
    ).toThrow("a defect");
  });

  it("name what only a restart changes, against what the process started with", () => {
    const held = holdSettings(read());
    const other = "gateway: { concurrency: 8, ratePerSecond: 5, allowPrivateHosts: true }";
    expect(held.reload(() => read(other))).toMatchObject({
      needsRestart: ["gateway.concurrency", "gateway.allowPrivateHosts"],
    });
    expect(held.reload(() => read(other))).toMatchObject({ answer: "unchanged", needsRestart: { length: 2 } });
    expect(held.reload(() => read())).toMatchObject({ needsRestart: [] });
  });

  it("act with another key at once, though a key is no part of the hash", () => {
    const yaml = "keys: { containment: { env: KEY } }";
    const held = holdSettings(read(yaml, { KEY: "first" }));
    expect(held.reload(() => read(yaml, { KEY: "second" })).answer).toBe("unchanged");
    expect(held.live.keys.containment).toBe("second");
  });
});

describe("settings as people see them", () => {
  it("hold no key, only where each is read from", () => {
    const yaml = "fleet: { agents: [{ id: a }] }\nkeys: { containment: { env: KEY }, agents: { a: { env: OTHER } } }";
    const shown = presentSettings(read(yaml, { KEY: "gh-first-key", OTHER: "gh-other-key" }));
    expect(shown.keys).toEqual({ containment: "variable KEY", agents: { a: "variable OTHER" } });
    expect(JSON.stringify(shown)).not.toMatch(/gh-(first|other)-key/);
  });

  it("are JSON: amounts exact, maps as objects, times with their zone", () => {
    const yaml = `thresholds: { agents: { a: { costAnomaly: { minimumSpend: 0.10 } } } }
silences: [{ owner: mira, reason: test, until: "2026-11-22T23:00:00+01:00" }]
`;
    const shown = JSON.parse(JSON.stringify(presentSettings(read(yaml))));
    expect(shown.thresholds.costAnomaly.coldStartPerInterval).toBe("5000.00");
    expect(shown.thresholds.agents.a.costAnomaly.minimumSpend).toBe("0.10");
    expect(shown.silences).toMatchObject([{ from: null, until: "2026-11-22T22:00:00.000Z", owner: "mira" }]);
  });

  it("have a hash that tells any two apart, and not how they were written", () => {
    expect(hashOf(read("mode: act"))).toBe(hashOf(read()));
    expect(hashOf(read("mode: observe"))).not.toBe(hashOf(read()));
    expect(hashOf(read("thresholds: { agents: { a: { errorSpike: { count: 21 } } } }"))).not.toBe(hashOf(read()));
  });
});
