import { readFileSync } from "node:fs";
import type { z } from "zod";
import { environmentSchema, variables } from "./config-schema.ts";
import { TourniquetError } from "./errors.ts";
import { runbooks } from "./runbooks/index.ts";
import { hasFailover } from "./settings/redis-address.ts";
import { readSecret } from "./settings/secret.ts";
import { readSettings, type Settings } from "./settings/settings.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Config {
  /** 0 takes a free port. */
  port: number;
  host: string;
  /** Undefined: everything is on `port`. Else people and their tools are on this one, 0 takes a free one. */
  adminPort: number | undefined;
  adminHost: string;
  /** Whose X-Forwarded-For and X-Forwarded-Proto are believed. */
  trustedProxies: readonly string[];
  redisUrl: string;
  /** How many replicas an event must be on before it is answered 202; 0: what the master has is enough. */
  redisWaitReplicas: number;
  /** 1..256; fixed for the life of the data in Redis. */
  partitions: number;
  logLevel: "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";
  /** Where traces go (O5); undefined: nowhere. endpoint: without the path of OTLP and without a trailing slash. */
  tracing: { endpoint: string; headers: Readonly<Record<string, string>>; serviceName: string } | undefined;
  /** Without a trailing slash and without `/v1`, whichever way it was written. */
  greenhelixBaseUrl: string;
  greenhelixDialect: "auto" | "rest" | "tools";
  greenhelixAgentId: string | undefined;
  greenhelixApiKey: string | undefined;
  /** All active at once, so that a secret can be rotated. Empty: every webhook is refused. */
  greenhelixWebhookSecrets: readonly string[];
  /** The platform that runs the agents (C7); undefined: a person has to stop them by hand. */
  agentControl: { url: string; token: string } | undefined;
  /** The dead-man's switch; holds a token as a rule, so it is never shown. */
  heartbeatUrl: string | undefined;
  /** How people reach this product, for links in pages; without a trailing slash. */
  publicUrl: string | undefined;
  /** How people are reached (N1); a channel that is undefined does not exist. */
  channels: {
    slack: { url: string } | undefined;
    pagerduty: { routingKey: string; url: string } | undefined;
    "pagerduty-secondary": { routingKey: string; url: string } | undefined;
    webhook: { url: string; secret: string } | undefined;
  };
  /** Ed25519 private key, PEM (F5); undefined: one is made and kept in Redis. */
  ledgerSigningKey: string | undefined;
  adminToken: string | undefined;
  responderToken: string | undefined;
  viewerToken: string | undefined;
  agentToken: string | undefined;
  /** Path of the YAML file that `readSettings` reads. */
  settingsPath: string | undefined;
}

/** Reads and checks the environment. Throws `config-invalid` naming every mistake at once. */
export function readConfig(env: Environment = process.env): Config {
  const mistakes: string[] = [];
  const config = checkEnvironment(env, mistakes);
  if (config === undefined) throw invalid(mistakes);
  return config;
}

/** The environment and the settings file it names, with the mistakes of both in one `config-invalid`. namedBy: who named the file, as the mistake says it. */
export function loadConfig(
  env: Environment = process.env,
  namedBy = "TOURNIQUET_CONFIG",
): { config: Config; settings: Settings } {
  const mistakes: string[] = [];
  const config = checkEnvironment(env, mistakes);
  const settings = readSettingsFile(env, mistakes, namedBy);
  if (config === undefined || settings === undefined) throw invalid(mistakes);
  return { config, settings };
}

/** The settings file alone, as a running process reads it again. Throws `config-invalid` naming every mistake. */
export function loadSettings(env: Environment = process.env): Settings {
  const mistakes: string[] = [];
  const settings = readSettingsFile(env, mistakes, "TOURNIQUET_CONFIG");
  if (settings === undefined) throw invalid(mistakes);
  return settings;
}

/** What a process of ours that we start inherits: our own environment, with what is different for it. */
export function environmentWith(changes: Environment): Record<string, string | undefined> {
  return { ...process.env, ...changes };
}

function readSettingsFile(env: Environment, mistakes: string[], namedBy: string): Settings | undefined {
  const path = env.TOURNIQUET_CONFIG?.trim() || undefined;
  try {
    const text = path === undefined ? undefined : readFileSync(path, "utf8");
    return readSettings(text, env, path, { runbooks: runbooks.map(({ name }) => name) });
  } catch (error) {
    if (error instanceof TourniquetError) mistakes.push(...(error.detail.mistakes as string[]));
    else
      mistakes.push(
        `${namedBy} names ${path}, ${unreadable[(error as NodeJS.ErrnoException).code ?? ""] ?? `which cannot be read (${String(error)})`}`,
      );
    return undefined;
  }
}

const unreadable: Readonly<Record<string, string>> = {
  ENOENT: "which does not exist",
  EISDIR: "which is a folder, no file",
  EACCES: "which may not be read by this user",
};

function checkEnvironment(env: Environment, mistakes: string[]): Config | undefined {
  const parsed = environmentSchema.safeParse(valuesFrom(env, mistakes));
  for (const issue of parsed.error?.issues ?? []) mistakes.push(`${issue.path.join(".")} ${issue.message}`);
  if (!parsed.success || mistakes.length > 0) return undefined;
  const values = parsed.data;
  return {
    port: values.PORT,
    host: values.HOST,
    adminPort: values.ADMIN_PORT,
    adminHost: values.ADMIN_HOST,
    trustedProxies: values.TRUSTED_PROXIES ?? [],
    redisUrl: values.REDIS_URL,
    redisWaitReplicas: values.REDIS_WAIT_REPLICAS ?? (hasFailover(values.REDIS_URL) ? 1 : 0),
    partitions: values.PARTITIONS,
    logLevel: values.LOG_LEVEL,
    tracing: tracingOf(values),
    greenhelixBaseUrl: values.GREENHELIX_BASE_URL,
    greenhelixDialect: values.GREENHELIX_DIALECT,
    greenhelixAgentId: values.GREENHELIX_AGENT_ID,
    greenhelixApiKey: values.GREENHELIX_API_KEY,
    greenhelixWebhookSecrets: values.GREENHELIX_WEBHOOK_SECRETS ?? [],
    agentControl: agentControlOf(values.AGENT_CONTROL_URL, values.AGENT_CONTROL_TOKEN),
    heartbeatUrl: values.HEARTBEAT_URL,
    publicUrl: values.PUBLIC_URL,
    channels: channelsOf(values),
    ledgerSigningKey: values.LEDGER_SIGNING_KEY,
    adminToken: values.ADMIN_TOKEN,
    responderToken: values.RESPONDER_TOKEN,
    viewerToken: values.VIEWER_TOKEN,
    agentToken: values.AGENT_TOKEN,
    settingsPath: values.TOURNIQUET_CONFIG,
  };
}

/** What is set, or its fallback. An empty variable counts as unset: that is how `.env` files leave things out. */
function valuesFrom(env: Environment, mistakes: string[]): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, { fallback, secret }]) => {
      const set = secret ? readSecret(name, env, mistakes) : env[name]?.trim();
      return [name, set || fallback || undefined];
    }),
  );
}

function invalid(mistakes: readonly string[]): TourniquetError {
  const count = mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
  return new TourniquetError("config-invalid", `The configuration has ${count}:\n  ${mistakes.join("\n  ")}`, {
    mistakes,
  });
}

function tracingOf(values: z.output<typeof environmentSchema>): Config["tracing"] {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: serviceName } = values;
  return endpoint === undefined
    ? undefined
    : { endpoint, serviceName, headers: values.OTEL_EXPORTER_OTLP_HEADERS ?? {} };
}

function agentControlOf(url: string | undefined, token: string | undefined): Config["agentControl"] {
  return url === undefined || token === undefined ? undefined : { url, token };
}

function channelsOf(values: z.output<typeof environmentSchema>): Config["channels"] {
  const pagerduty = (routingKey: string | undefined) =>
    routingKey === undefined ? undefined : { routingKey, url: values.PAGERDUTY_EVENTS_URL };
  const { NOTIFY_WEBHOOK_URL: url, NOTIFY_WEBHOOK_SECRET: secret } = values;
  return {
    slack: values.SLACK_WEBHOOK_URL === undefined ? undefined : { url: values.SLACK_WEBHOOK_URL },
    pagerduty: pagerduty(values.PAGERDUTY_ROUTING_KEY),
    "pagerduty-secondary": pagerduty(values.PAGERDUTY_SECONDARY_ROUTING_KEY),
    webhook: url === undefined || secret === undefined ? undefined : { url, secret },
  };
}
