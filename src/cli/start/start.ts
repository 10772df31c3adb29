import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Environment, environmentWith, loadConfig } from "../../config.ts";
import { INTAKE_PATH } from "../../incident/webhook-address.ts";
import { whenAskedToReload } from "../../process.ts";
import { openServices } from "../../services.ts";
import { createProcessFleet, type ProcessFleet } from "../process-fleet.ts";
import { announceRunning } from "../running.ts";
import { scoreLines } from "../score.ts";
import { addressLines, type Up } from "./addresses.ts";
import { besideWhom, named } from "./beside.ts";
import { freePortNear } from "./free-port.ts";
import { registerWebhook } from "./register-webhook.ts";
import { type StartRedis, startRedis } from "./start-redis.ts";
import { playStory } from "./story.ts";

export interface StartOptions {
  once: boolean;
  json: boolean;
  speed: number;
}

const folder = fileURLToPath(new URL("../../../.tourniquet", import.meta.url));

/**
 * `npm start`: everything on one machine. Without GREENHELIX_API_KEY against the sandbox, with the story played and
 * scored; with it against the real gateway, and no story. Answers the exit status.
 */
export async function runStart(options: StartOptions): Promise<number> {
  mkdirSync(folder, { recursive: true });
  const say = (line: string) => (options.json ? process.stderr : process.stdout).write(`${line}\n`);
  const own = environmentWith({});
  const real = Boolean(own.GREENHELIX_API_KEY || own.GREENHELIX_API_KEY_FILE);
  const besides = () => besideWhom({ once: options.once, real }, own);
  const logFile = `${folder}/${(await besides()) === null ? "start" : "start-once"}.log`;
  const redis = await startRedis(own.REDIS_URL, folder, real);
  const fleet = createProcessFleet(logFile);
  const stopped = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stopped.resolve());
  process.on("disconnect", () => stopped.resolve());
  let isUp = false;
  let isEnding = false;
  whenAskedToReload(() => (isUp ? fleet.reload() : stopped.resolve()));
  fleet.onLost((args) => say(`tourniquet ${args.join(" ")} ended by itself; ${logFile} says why`));
  void redis.ended.then(() => {
    if (!isEnding) say("Redis ended by itself; without it nothing can go on");
    stopped.resolve();
  });
  let forget: () => void = () => undefined;
  try {
    const up = await bringUp(fleet, redis, own, real, say);
    isUp = true;
    // Looked at anew: two may have been started at once.
    const other = await besides();
    if (other === null) forget = announceRunning(up.apiUrl, up.announced).forget;
    say(
      `commands     npx tourniquet in this folder ${other ? `goes on talking to ${named(other)}` : "talks to this one"}`,
    );
    const score = real
      ? null
      : await Promise.race([
          playStory({ ...up, speed: options.speed, redisUrl: redis.url, say }),
          stopped.promise.then(() => null),
        ]);
    if (score) say(`\n${scoreLines(score)}\n`);
    if (!options.once) {
      say(addressLines(up));
      await stopped.promise;
      say("\nstopping …");
    }
    if (options.json && score) console.log(JSON.stringify(score));
    return options.once && !real ? Number(!(score?.contained && score.lost === "0.00")) : 0;
  } finally {
    isEnding = true;
    forget();
    await fleet.stop();
    await redis.stop();
    // The launcher's channel, which we listen on, would keep this process up.
    if (process.connected) process.disconnect();
  }
}

async function bringUp(
  fleet: ProcessFleet,
  redis: StartRedis,
  own: Environment,
  real: boolean,
  say: (line: string) => void,
): Promise<Up> {
  say(`Redis        ${redis.said}`);
  const isOwnToken = Boolean(own.ADMIN_TOKEN || own.ADMIN_TOKEN_FILE);
  const adminToken = randomBytes(24).toString("base64url");
  const secret = own.GREENHELIX_WEBHOOK_SECRETS || `whsec_${randomBytes(32).toString("base64")}`;
  const sandbox = real ? null : await fleet.start(["sandbox", "--port", "0"], {});
  const sandboxUrl = sandbox?.url ?? null;
  if (sandboxUrl) say(`gateway      sandbox at ${sandboxUrl}`);
  const gateway = sandboxUrl
    ? { GREENHELIX_BASE_URL: sandboxUrl, GREENHELIX_API_KEY: "sandbox-admin-tourniquet", ...controlOf(sandboxUrl, own) }
    : {};
  const environment = {
    REDIS_URL: redis.url,
    PORT: own.PORT || String(await freePortNear(8080)),
    ...(isOwnToken ? {} : { ADMIN_TOKEN: adminToken }),
    GREENHELIX_WEBHOOK_SECRETS: secret,
    ...gateway,
  };
  const [api] = await Promise.all([fleet.start(["api"], environment), fleet.start(["worker", "all"], environment)]);
  const apiUrl = api.url ?? "";
  const adminUrl = api.adminUrl ?? apiUrl;
  say(`API          ${apiUrl}`);
  say("workers      containment, cascade, forensics, notification, recovery, watch");
  say(`webhook      ${sandboxUrl ? await registered(environment, apiUrl) : notRegistered}`);
  return {
    apiUrl,
    adminUrl,
    sandboxUrl,
    adminToken: isOwnToken ? null : adminToken,
    redisUrl: redis.url,
    announced: {
      REDIS_URL: redis.url,
      PUBLIC_URL: own.PUBLIC_URL || adminUrl,
      ...gateway,
      // What somebody keeps secret is announced to nobody.
      ...(sandboxUrl && !own.GREENHELIX_WEBHOOK_SECRETS && { GREENHELIX_WEBHOOK_SECRETS: secret }),
      ...sharedBy(own),
    },
  };
}

/** At a gateway that is not ours a person decides which address it is told. */
const notRegistered = "not registered by this: npx tourniquet register --url https://<your host>/webhooks/greenhelix";

async function registered(environment: Environment, apiUrl: string): Promise<string> {
  const { config, settings } = loadConfig(environmentWith(environment));
  const services = await openServices({ ...config, logLevel: "silent" }, settings, "start", "producer");
  try {
    return await registerWebhook(services, `${apiUrl}${INTAKE_PATH}`, config.greenhelixWebhookSecrets[0] ?? "");
  } finally {
    await services.close();
  }
}

function controlOf(sandboxUrl: string, own: Environment): Record<string, string> {
  if (own.AGENT_CONTROL_URL) return {};
  return { AGENT_CONTROL_URL: `${sandboxUrl}/_control`, AGENT_CONTROL_TOKEN: "sandbox-control-tourniquet" };
}

/** What every process on one Redis must have in common, and is no secret. */
function sharedBy({ PARTITIONS, TOURNIQUET_CONFIG }: Environment): Record<string, string> {
  return {
    ...(PARTITIONS && { PARTITIONS }),
    ...(TOURNIQUET_CONFIG && { TOURNIQUET_CONFIG: resolve(TOURNIQUET_CONFIG) }),
  };
}
