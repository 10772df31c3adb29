import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommandWith } from "../cli/run-command.ts";
import { type Receiver, startReceiver } from "../notify/receiver.ts";
import { passTime } from "../recover/recovering-world.ts";
import { capsBefore, expectStopped, night, playNight } from "../support/night.ts";
import { type Product, settingsOf, startProduct } from "../support/product.ts";
import { until } from "../support/until.ts";

const PAYER = "procurement-17";
const ROUTING_KEY = "R0UTINGKEYOFTHESERVICEONCALL0001";

/** The ramp is the usual one of two days; only the looks at it are closer together. */
const recovery = "recovery: { lookEveryMs: 1000 }\n";
const HOUR_MS = 3_600_000;

let product: Product;
let pager: Receiver;
let slack: Receiver;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tourniquet-life-"));
  [pager, slack] = await Promise.all([startReceiver(), startReceiver()]);
  product = await startProduct({
    workers: ["all"],
    settings: settingsOf(2_000, PAYER) + recovery,
    environment: {
      PUBLIC_URL: "https://tourniquet.example",
      SLACK_WEBHOOK_URL: `${slack.url}/services/T0/B0/secret`,
      PAGERDUTY_ROUTING_KEY: ROUTING_KEY,
      PAGERDUTY_EVENTS_URL: pager.url,
    },
  });
});
afterAll(async () => {
  await product.close();
  await Promise.all([pager.close(), slack.close()]);
  rmSync(folder, { recursive: true, force: true });
});

const command = async (...args: readonly string[]) => {
  const run = await runCommandWith(product.environment, ...args);
  expect({ args, ...run }).toMatchObject({ code: 0 });
  return run.out;
};
/** What PagerDuty was told of this incident, in order. */
const alerts = (id: string) =>
  pager.received.map(({ text }) => JSON.parse(text)).filter((event) => event.dedup_key === id);
const told = (id: string, action: string) =>
  until(async () => alerts(id).find((event) => event.event_action === action), `PagerDuty to be told: ${action}`);
const capsOf = async () => (await product.admin.state()).agents.find(({ agentId }) => agentId === PAYER)?.caps;
const untilRung = (id: string, rung: number) =>
  until(
    async () => (await product.services.incidents.load(id))?.recovery?.rung === rung,
    `rung ${rung} of ${id} to stand`,
    60_000,
  );
/** One webhook body a line, as the gateway sent them: each has its own time. */
const traceOfTheNight = async () => {
  const file = join(folder, "night.ndjson");
  const bodies = (await product.admin.deliveries()).map(({ body }) => body);
  writeFileSync(file, bodies.join("\n"));
  return file;
};

describe("the whole life of an incident", () => {
  it("is stopped, told, taken on, brought back in three rungs, explained, proved, and would be found again", async () => {
    await playNight(product, night(PAYER));
    const { id } = await expectStopped(product, PAYER);

    const page = await told(id, "trigger");
    expect(page).toMatchObject({ routing_key: ROUTING_KEY, payload: { severity: "critical", source: PAYER } });
    expect(page.links[0].href).toMatch(new RegExp(`^https://tourniquet\\.example/.*${id}`));
    expect(slack.received.map(({ text }) => text).join()).toContain("procurement-17 is frozen");

    await command("incidents", "ack", id, "--by", "mira");
    await told(id, "acknowledge");
    expect(await product.services.incidents.load(id)).toMatchObject({ acknowledged: { by: "mira" } });

    const why = ["--by", "mira", "--root-cause", "no limit on retries", "--fix", "v2.3 gives up after three"];
    await command("incidents", "recover", id, ...why);
    await untilRung(id, 0);
    expect(await capsOf()).toEqual({ ...capsBefore, daily: "500.00" });
    await passTime(product.services.redis, id, 6 * HOUR_MS);
    await untilRung(id, 1);
    expect(await capsOf()).toEqual({ ...capsBefore, daily: "750.00" });
    await passTime(product.services.redis, id, 18 * HOUR_MS);
    await untilRung(id, 2);
    expect(await capsOf()).toEqual(capsBefore);
    await passTime(product.services.redis, id, 24 * HOUR_MS);
    await until(async () => (await product.services.incidents.load(id))?.status === "resolved", "resolution", 60_000);
    await told(id, "resolve");
    const actions = alerts(id).map(({ event_action }) => event_action);
    // Whoever asks for recovery says so once more; nothing rings a second time, and nothing comes after the end.
    expect(actions.filter((action) => action !== "acknowledge")).toEqual(["trigger", "resolve"]);
    expect(actions.at(-1)).toBe("resolve");
    await expectExplained(id);
    await expectProved(id);
    await expectFoundAgain();
  });
});

/** By the post-mortem: what happened, what it cost, what was prevented, what is left to do. */
async function expectExplained(id: string): Promise<void> {
  const isWritten = async () => {
    const { timeline = [] } = (await product.services.incidents.view(id)) ?? {};
    return timeline.some(({ what }) => what === "post-mortem-written");
  };
  await until(isWritten, "the post-mortem");
  const report = JSON.parse(await command("incidents", "post-mortem", id, "--json"));
  expect(report).toMatchObject({ isDraft: false, status: "resolved", agentId: PAYER });
  const text = await command("incidents", "post-mortem", id);
  for (const part of [PAYER, "no limit on retries", "v2.3 gives up after three", "mira"]) expect(text).toContain(part);
  expect(text).not.toMatch(/undefined|NaN|\[object/);
}

/** By its ledger, with nothing but the file. */
async function expectProved(id: string): Promise<void> {
  const file = join(folder, "ledger.json");
  await command("ledger", "export", id, "--out", file);
  const verify = (path: string) => runCommandWith({ REDIS_URL: "redis://127.0.0.1:1" }, "ledger", "verify", path);
  expect(await verify(file)).toMatchObject({ code: 0 });
  const forged = join(folder, "forged.json");
  writeFileSync(forged, readFileSync(file, "utf8").replace("no limit on retries", "no limit on retires"));
  expect(await verify(forged)).toMatchObject({ code: 1 });
}

/** By the rules as they stand today, from what the gateway sent. */
async function expectFoundAgain(): Promise<void> {
  const found = JSON.parse(await command("backtest", "--trace", await traceOfTheNight(), "--json"));
  const [today] = found.candidates;
  expect(today.incidents).toEqual([expect.objectContaining({ agentId: PAYER, signal: "escrow-burst" })]);
}
