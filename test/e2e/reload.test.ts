import { readFileSync, writeFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { createProcessFleet } from "../../src/cli/process-fleet.ts";
import { intake } from "../support/night.ts";
import { type Product, startProduct } from "../support/product.ts";
import { escrowOpened, sendWebhook } from "../support/signed-webhook.ts";
import { until } from "../support/until.ts";

let product: Product;
afterEach(() => product.close());

const SENDERS = 8;
const viewer = { authorization: "Bearer viewer-of-the-reload-test" };
const settingsOf = async () => {
  const answer = await fetch(`${product.api.url}/api/settings`, { headers: viewer });
  return (await answer.json()) as Record<string, unknown> & { hash: string; isStale: boolean };
};
const said = (process: { output(): string }, what: string) =>
  process
    .output()
    .split("\n")
    .filter((line) => line.startsWith("{") && line.includes(`"msg":"${what}"`))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** Ordinary business of many agents, as fast as it is taken, until it is stopped; answers how many were promised. */
function load(apiUrl: string) {
  let isOver = false;
  const send = async (sender: number): Promise<number> => {
    let promised = 0;
    for (let sent = 0; !isOver; sent += 1) {
      const escrow = { payer: `agent-${sender}`, payee: `payee-${sent}`, amount: `${1 + (sent % 90)}.50` };
      const answer = await sendWebhook(apiUrl, escrowOpened(escrow));
      expect(answer.status).toBe(202);
      promised += 1;
    }
    return promised;
  };
  const senders = Array.from({ length: SENDERS }, (_, sender) => send(sender));
  return async () => {
    isOver = true;
    return (await Promise.all(senders)).reduce((sum, promised) => sum + promised, 0);
  };
}

describe("SIGHUP to npm start", () => {
  it("is passed on to what holds settings, and ends nothing", async () => {
    product = await startProduct({ settings: "mode: act\n" });
    const logFile = `${product.settingsFile}.log`;
    const fleet = createProcessFleet(logFile);
    const lost: (readonly string[])[] = [];
    fleet.onLost((args) => lost.push(args));
    try {
      const environment = { REDIS_URL: product.redis.url, TOURNIQUET_CONFIG: product.settingsFile, LOG_LEVEL: "info" };
      const gateway = { GREENHELIX_BASE_URL: product.sandbox.url, GREENHELIX_API_KEY: "sandbox-admin-tourniquet" };
      const [sandbox] = await Promise.all([
        fleet.start(["sandbox", "--port", "0"], {}),
        fleet.start(["worker", "notification"], { ...environment, ...gateway }),
      ]);
      writeFileSync(product.settingsFile, "mode: observe\n");
      fleet.reload();
      const reloaded = async () => readFileSync(logFile, "utf8").includes('"msg":"settings.reloaded"');
      await until(reloaded, "the worker to reload");
      expect((await fetch(`${sandbox.url}/_sandbox/state`)).status).toBe(200);
      expect(lost).toEqual([]);
    } finally {
      await fleet.stop();
    }
  });
});

describe("SIGHUP to API and worker under load", () => {
  it("puts new settings in force without losing a job, and keeps the old ones where the file has a mistake", async () => {
    product = await startProduct({
      workers: ["all"],
      settings: "mode: act\n",
      environment: { VIEWER_TOKEN: "viewer-of-the-reload-test" },
    });
    const [worker] = product.workers;
    const file = product.settingsFile;
    const hangUp = () => {
      for (const process of [product.api, worker!]) process.signal("SIGHUP");
    };
    const before = await settingsOf();
    const stop = load(product.api.url);
    await until(async () => (await intake(product)).accepted > 100, "100 events to be accepted");

    writeFileSync(file, "mode: observe\ngateway: { concurrency: 8 }\n");
    hangUp();
    await until(async () => said(worker!, "settings.reloaded").length === 1, "the worker to reload");
    await until(async () => (await settingsOf()).hash !== before.hash, "the API to reload");
    const needsRestart = await until(async () => said(worker!, "settings.need-restart")[0], "what needs a restart");
    expect(needsRestart).toMatchObject({ needsRestart: ["gateway.concurrency"] });

    writeFileSync(file, "mode: maybe\ncascade:\n  agents: 1\n");
    hangUp();
    await until(async () => said(worker!, "settings.kept-old").length === 1, "the worker to keep the old ones");
    await until(async () => (await settingsOf()).isStale, "the API to keep the old ones");
    const mistakes = [
      `${file} line 1: mode must be one of act, observe`,
      `${file} line 3: cascade.agents must be a whole number from 2 to 1000`,
    ];
    expect(said(worker!, "settings.kept-old")).toMatchObject([{ level: 50, mistakes }]);
    expect(await settingsOf()).toMatchObject({ failedReload: { mistakes }, settings: { mode: "observe" } });

    const promised = await stop();
    await until(async () => (await intake(product)).pending === 0, "every event to be decided", 60_000, 100);
    expect((await intake(product)).accepted).toBeGreaterThanOrEqual(promised);
    expect(said(worker!, "job.failed").filter(({ queue }) => queue === "correlate")).toEqual([]);
    // What the worker does now is what the second file said: an agent that runs away is only observed.
    for (let i = 0; i < 12; i += 1)
      await sendWebhook(product.api.url, escrowOpened({ payer: "procurement-17", payee: "flaky", amount: "150.00" }));
    const incident = await until(
      async () => (await product.services.incidents.list(50)).find(({ agentId }) => agentId === "procurement-17"),
      "the incident",
    );
    expect(incident.dryRun).toBe(true);
  });
});
