import { settingsOf } from "../../src/cli/drill/settings.ts";
import { play, stage } from "../../src/sandbox/play.ts";
import { sharedWallet } from "../../src/sandbox/scenarios/shared-wallet.ts";
import { startReceiver, status } from "../notify/receiver.ts";
import { type Product, SECRET } from "../support/product.ts";
import { until } from "../support/until.ts";
import { startConsole } from "./console.ts";

/** A product with something to show on every page of its console. */
export interface Trouble {
  product: Product;
  /** Ids as they stand in addresses. letter: with its queue before it. */
  incident: string;
  cascade: string;
  letter: string;
  /** From now on whoever should be told can be. */
  reachPeople(): void;
  close(): Promise<void>;
}

/**
 * Four agents on one wallet fail together, and whoever should be told cannot be reached. An incident taught something, and a
 * question waits for a person's word.
 */
export async function startTrouble(): Promise<Trouble> {
  const slack = await startReceiver();
  slack.answers.push(...Array.from({ length: 200 }, () => status(404)));
  const product = await startConsole({
    workers: ["all"],
    settings: settingsOf(sharedWallet),
    environment: { SLACK_WEBHOOK_URL: `${slack.url}/services/T0/B0/secret` },
  });
  const ids = await playThrough(product);
  await askPeople(product, ids.incident);
  return {
    product,
    ...ids,
    reachPeople: () => {
      slack.answers.length = 0;
    },
    async close() {
      await product.close();
      await slack.close();
    },
  };
}

async function playThrough(product: Product) {
  const { services, sandbox, api } = product;
  await stage(sandbox.url, sharedWallet);
  const activity = { url: `${api.url}/webhooks/agent-activity`, secret: SECRET };
  await play(sandbox.url, sharedWallet, { speed: 20, activity });
  const areContained = async () => {
    const found = await services.incidents.list(10);
    return found.length === 4 && found.every(({ status }) => status === "contained") && found;
  };
  const [incident] = await until(areContained, "four contained incidents", 60_000);
  const [cascade] = await services.cascades.list(1);
  const dead = async () => (await services.deadLetters.list({}, 10)).deadLetters[0];
  const { queue, id } = await until(dead, "a dead letter", 30_000);
  return { incident: incident!.id, cascade: cascade!.id, letter: `${queue}/${encodeURIComponent(id)}` };
}

async function askPeople({ services }: Product, incidentId: string): Promise<void> {
  await services.tunings.propose({
    ...{ agentId: "procurement-17", path: "costAnomaly.sigmas", direction: "looser", from: 2, to: 2.5, fileValue: 2 },
    ...{ incidentId, reason: "a false alarm" },
  });
  const what = "Six agents fail in one way within five minutes. Freeze the whole fleet?";
  await services.fleet.ask({ id: "shutdown-asked", kind: "shutdown", what, cascadeId: null, verdicts: [] });
}
