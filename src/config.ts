import { readFileSync } from "node:fs";
import { z } from "zod";
import { TourniquetError } from "./errors.ts";
import { runbooks } from "./runbooks/index.ts";
import { isApiUrl, isRedisUrl, isSafeUrl } from "./settings/addresses.ts";
import { readSecret } from "./settings/secret.ts";
import { readSettings, type Settings } from "./settings/settings.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Every variable the product reads, in the order of `.env.example` (a test keeps that file and the README in step).
 * `fallback` is what an unset or empty variable means, as it would be written; "" means it may stay unset.
 * A `secret` may also come from the file named in `<NAME>_FILE`, and its value never stands in a message.
 */
export const variables = {
  PORT: { fallback: "8080", secret: false },
  HOST: { fallback: "127.0.0.1", secret: false },
  REDIS_URL: { fallback: "redis://127.0.0.1:6379", secret: false },
  PARTITIONS: { fallback: "1", secret: false },
  LOG_LEVEL: { fallback: "info", secret: false },
  GREENHELIX_BASE_URL: { fallback: "https://sandbox.greenhelix.net", secret: false },
  GREENHELIX_DIALECT: { fallback: "auto", secret: false },
  GREENHELIX_AGENT_ID: { fallback: "", secret: false },
  GREENHELIX_API_KEY: { fallback: "", secret: true },
  GREENHELIX_WEBHOOK_SECRETS: { fallback: "", secret: true },
  AGENT_CONTROL_URL: { fallback: "", secret: false },
  AGENT_CONTROL_TOKEN: { fallback: "", secret: true },
  HEARTBEAT_URL: { fallback: "", secret: true },
  ADMIN_TOKEN: { fallback: "", secret: true },
  RESPONDER_TOKEN: { fallback: "", secret: true },
  VIEWER_TOKEN: { fallback: "", secret: true },
  AGENT_TOKEN: { fallback: "", secret: true },
  TOURNIQUET_CONFIG: { fallback: "", secret: false },
} as const satisfies Record<string, { fallback: string; secret: boolean }>;

type VariableName = keyof typeof variables;

export interface Config {
  /** 0 takes a free port. */
  port: number;
  host: string;
  redisUrl: string;
  /** 1..256; fixed for the life of the data in Redis. */
  partitions: number;
  logLevel: "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";
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
  adminToken: string | undefined;
  responderToken: string | undefined;
  viewerToken: string | undefined;
  agentToken: string | undefined;
  /** Path of the YAML file that `readSettings` reads. */
  settingsPath: string | undefined;
}

/** Each message says how to mend the value, and never repeats it. */
const schema = z
  .object({
    PORT: z
      .string()
      .regex(/^\d{1,5}$/, "must be a whole number from 0 to 65535")
      .transform(Number)
      .refine((port) => port <= 65_535, "must be a whole number from 0 to 65535"),
    HOST: z.string().regex(/^[A-Za-z0-9.:-]+$/, "must be an address or a host name, such as 127.0.0.1 or 0.0.0.0"),
    REDIS_URL: z.string().refine(isRedisUrl, "must look like redis://host:6379 or rediss://host:6379"),
    PARTITIONS: z
      .string()
      .regex(/^(?:[1-9]|[1-9]\d|1\d\d|2[0-4]\d|25[0-6])$/, "must be a whole number from 1 to 256")
      .transform(Number),
    LOG_LEVEL: z.enum(
      ["fatal", "error", "warn", "info", "debug", "trace", "silent"],
      "must be one of fatal, error, warn, info, debug, trace, silent",
    ),
    GREENHELIX_BASE_URL: z
      .string()
      .refine(isApiUrl, "must be an https:// address without user, query or fragment (http:// only for localhost)")
      .transform(gatewayRoot),
    GREENHELIX_DIALECT: z.enum(["auto", "rest", "tools"], "must be one of auto, rest, tools"),
    GREENHELIX_AGENT_ID: z.string().max(128, "must be at most 128 characters").optional(),
    GREENHELIX_API_KEY: z
      .string()
      .regex(/^[\x21-\x7e]+$/, "must be one line of printable characters without spaces")
      .optional(),
    GREENHELIX_WEBHOOK_SECRETS: z
      .string()
      .transform((list) => list.split(/[,\s]+/).filter((secret) => secret !== ""))
      .refine((list) => list.length <= 5, "must name at most 5 secrets, separated by commas")
      .optional(),
    AGENT_CONTROL_URL: z
      .string()
      .refine(isApiUrl, "must be an https:// address without user, query or fragment (http:// only for localhost)")
      .optional(),
    AGENT_CONTROL_TOKEN: token(),
    HEARTBEAT_URL: z.string().refine(isSafeUrl, "must be an https:// address (http:// only for localhost)").optional(),
    ADMIN_TOKEN: token(),
    RESPONDER_TOKEN: token(),
    VIEWER_TOKEN: token(),
    AGENT_TOKEN: token(),
    TOURNIQUET_CONFIG: z.string().optional(),
  } satisfies Record<VariableName, z.ZodType>)
  .superRefine((values, context) => {
    if (values.AGENT_CONTROL_URL !== undefined && values.AGENT_CONTROL_TOKEN === undefined)
      context.addIssue({
        code: "custom",
        path: ["AGENT_CONTROL_TOKEN"],
        message: "must be set with AGENT_CONTROL_URL",
      });
    const tokens = ["ADMIN_TOKEN", "RESPONDER_TOKEN", "VIEWER_TOKEN", "AGENT_TOKEN"] as const;
    for (const [index, name] of tokens.entries()) {
      const same = tokens
        .slice(0, index)
        .find((earlier) => values[name] !== undefined && values[earlier] === values[name]);
      if (same) context.addIssue({ code: "custom", path: [name], message: `must differ from ${same}` });
    }
  });

/** Reads and checks the environment. Throws `config-invalid` naming every mistake at once. */
export function readConfig(env: Environment = process.env): Config {
  const mistakes: string[] = [];
  const config = checkEnvironment(env, mistakes);
  if (config === undefined) throw invalid(mistakes);
  return config;
}

/** The environment and the settings file it names, with the mistakes of both in one `config-invalid`. */
export function loadConfig(env: Environment = process.env): { config: Config; settings: Settings } {
  const mistakes: string[] = [];
  const config = checkEnvironment(env, mistakes);
  const settings = readSettingsFile(env, mistakes);
  if (config === undefined || settings === undefined) throw invalid(mistakes);
  return { config, settings };
}

/** The settings file alone, as a running process reads it again. Throws `config-invalid` naming every mistake. */
export function loadSettings(env: Environment = process.env): Settings {
  const mistakes: string[] = [];
  const settings = readSettingsFile(env, mistakes);
  if (settings === undefined) throw invalid(mistakes);
  return settings;
}

/** What a process of ours that we start inherits: our own environment, with what is different for it. */
export function environmentWith(changes: Environment): Record<string, string | undefined> {
  return { ...process.env, ...changes };
}

function readSettingsFile(env: Environment, mistakes: string[]): Settings | undefined {
  const path = env.TOURNIQUET_CONFIG?.trim() || undefined;
  try {
    const text = path === undefined ? undefined : readFileSync(path, "utf8");
    return readSettings(text, env, path, { runbooks: runbooks.map(({ name }) => name) });
  } catch (error) {
    if (error instanceof TourniquetError) mistakes.push(...(error.detail.mistakes as string[]));
    else
      mistakes.push(
        `TOURNIQUET_CONFIG names ${path}, ${unreadable[(error as NodeJS.ErrnoException).code ?? ""] ?? `which cannot be read (${String(error)})`}`,
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
  const parsed = schema.safeParse(valuesFrom(env, mistakes));
  for (const issue of parsed.error?.issues ?? []) mistakes.push(`${issue.path.join(".")} ${issue.message}`);
  if (!parsed.success || mistakes.length > 0) return undefined;
  const values = parsed.data;
  return {
    port: values.PORT,
    host: values.HOST,
    redisUrl: values.REDIS_URL,
    partitions: values.PARTITIONS,
    logLevel: values.LOG_LEVEL,
    greenhelixBaseUrl: values.GREENHELIX_BASE_URL,
    greenhelixDialect: values.GREENHELIX_DIALECT,
    greenhelixAgentId: values.GREENHELIX_AGENT_ID,
    greenhelixApiKey: values.GREENHELIX_API_KEY,
    greenhelixWebhookSecrets: values.GREENHELIX_WEBHOOK_SECRETS ?? [],
    agentControl: agentControlOf(values.AGENT_CONTROL_URL, values.AGENT_CONTROL_TOKEN),
    heartbeatUrl: values.HEARTBEAT_URL,
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

function token() {
  return z
    .string()
    .regex(/^[\x21-\x7e]+$/, "must be printable characters without spaces (openssl rand -hex 32 makes one)")
    .optional();
}

function agentControlOf(url: string | undefined, token: string | undefined): Config["agentControl"] {
  return url === undefined || token === undefined ? undefined : { url, token };
}

function gatewayRoot(text: string): string {
  return text.replace(/\/+$/, "").replace(/\/v1$/, "").replace(/\/+$/, "");
}
