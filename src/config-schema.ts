import { createPrivateKey } from "node:crypto";
import { z } from "zod";
import { agentId } from "./incident/agent-id.ts";
import { isApiUrl, isSafeUrl } from "./settings/addresses.ts";
import { isNetwork } from "./settings/networks.ts";
import { readRedisAddress } from "./settings/redis-address.ts";

/**
 * Every variable the product reads, in the order of `.env.example` (a test keeps that file and the README in step).
 * `fallback` is what an unset or empty variable means, as it would be written; "" means it may stay unset.
 * A `secret` may also come from the file named in `<NAME>_FILE`, and its value never stands in a message.
 */
export const variables = {
  PORT: { fallback: "8080", secret: false },
  HOST: { fallback: "127.0.0.1", secret: false },
  ADMIN_PORT: { fallback: "", secret: false },
  ADMIN_HOST: { fallback: "127.0.0.1", secret: false },
  TRUSTED_PROXIES: { fallback: "", secret: false },
  REDIS_URL: { fallback: "redis://127.0.0.1:6379", secret: false },
  REDIS_WAIT_REPLICAS: { fallback: "", secret: false },
  PARTITIONS: { fallback: "1", secret: false },
  LOG_LEVEL: { fallback: "info", secret: false },
  OTEL_EXPORTER_OTLP_ENDPOINT: { fallback: "", secret: false },
  OTEL_EXPORTER_OTLP_HEADERS: { fallback: "", secret: true },
  OTEL_SERVICE_NAME: { fallback: "tourniquet", secret: false },
  GREENHELIX_BASE_URL: { fallback: "https://sandbox.greenhelix.net", secret: false },
  GREENHELIX_DIALECT: { fallback: "auto", secret: false },
  GREENHELIX_AGENT_ID: { fallback: "", secret: false },
  GREENHELIX_API_KEY: { fallback: "", secret: true },
  GREENHELIX_WEBHOOK_SECRETS: { fallback: "", secret: true },
  AGENT_CONTROL_URL: { fallback: "", secret: false },
  AGENT_CONTROL_TOKEN: { fallback: "", secret: true },
  HEARTBEAT_URL: { fallback: "", secret: true },
  PUBLIC_URL: { fallback: "", secret: false },
  SLACK_WEBHOOK_URL: { fallback: "", secret: true },
  PAGERDUTY_ROUTING_KEY: { fallback: "", secret: true },
  PAGERDUTY_SECONDARY_ROUTING_KEY: { fallback: "", secret: true },
  PAGERDUTY_EVENTS_URL: { fallback: "https://events.pagerduty.com", secret: false },
  NOTIFY_WEBHOOK_URL: { fallback: "", secret: true },
  NOTIFY_WEBHOOK_SECRET: { fallback: "", secret: true },
  LEDGER_SIGNING_KEY: { fallback: "", secret: true },
  ADMIN_TOKEN: { fallback: "", secret: true },
  RESPONDER_TOKEN: { fallback: "", secret: true },
  VIEWER_TOKEN: { fallback: "", secret: true },
  AGENT_TOKEN: { fallback: "", secret: true },
  TOURNIQUET_CONFIG: { fallback: "", secret: false },
} as const satisfies Record<string, { fallback: string; secret: boolean }>;

type VariableName = keyof typeof variables;

/** Each message says how to mend the value, and never repeats it. */
export const environmentSchema = z
  .object({
    PORT: port(),
    HOST: host(),
    ADMIN_PORT: port().optional(),
    ADMIN_HOST: host(),
    TRUSTED_PROXIES: z
      .string()
      .transform((list) => list.split(/[,\s]+/).filter((one) => one !== ""))
      .refine(
        (list) => list.every(isNetwork),
        "must name the addresses or networks of your proxies, such as 10.0.0.7 or 10.0.0.0/24, separated by commas",
      )
      .optional(),
    REDIS_URL: z.string().superRefine((text, context) => {
      const address = readRedisAddress(text);
      if (address.kind === "mistake") context.addIssue({ code: "custom", message: address.message });
    }),
    REDIS_WAIT_REPLICAS: z
      .string()
      .regex(/^[0-5]$/, "must be a whole number from 0 to 5")
      .transform(Number)
      .optional(),
    PARTITIONS: z
      .string()
      .regex(/^(?:[1-9]|[1-9]\d|1\d\d|2[0-4]\d|25[0-6])$/, "must be a whole number from 1 to 256")
      .transform(Number),
    LOG_LEVEL: z.enum(
      ["fatal", "error", "warn", "info", "debug", "trace", "silent"],
      "must be one of fatal, error, warn, info, debug, trace, silent",
    ),
    OTEL_EXPORTER_OTLP_ENDPOINT: z
      .string()
      .refine(isPublicUrl, "must be an http:// or https:// address without user, query or fragment")
      .transform((text) => text.replace(/\/+$/, ""))
      .optional(),
    OTEL_EXPORTER_OTLP_HEADERS: z
      .string()
      .transform(readHeaders)
      .refine((headers) => headers !== null, "must be name=value pairs, separated by commas, values percent-encoded")
      .optional(),
    OTEL_SERVICE_NAME: z.string().regex(/^[\x20-\x7e]{1,128}$/, "must be at most 128 printable characters"),
    GREENHELIX_BASE_URL: z
      .string()
      .refine(isApiUrl, "must be an https:// address without user, query or fragment (http:// only for localhost)")
      .transform(gatewayRoot),
    GREENHELIX_DIALECT: z.enum(["auto", "rest", "tools"], "must be one of auto, rest, tools"),
    GREENHELIX_AGENT_ID: agentId.optional(),
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
    HEARTBEAT_URL: safeUrl(),
    PUBLIC_URL: z
      .string()
      .refine(isPublicUrl, "must be an http:// or https:// address without user, query or fragment")
      .transform((text) => text.replace(/\/+$/, ""))
      .optional(),
    SLACK_WEBHOOK_URL: safeUrl(),
    PAGERDUTY_ROUTING_KEY: routingKey(),
    PAGERDUTY_SECONDARY_ROUTING_KEY: routingKey(),
    PAGERDUTY_EVENTS_URL: z
      .string()
      .refine(isApiUrl, "must be an https:// address without user, query or fragment (http:// only for localhost)"),
    NOTIFY_WEBHOOK_URL: safeUrl(),
    NOTIFY_WEBHOOK_SECRET: z
      .string()
      .regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, "must be whsec_ and 24 to 64 bytes in base64")
      .optional(),
    LEDGER_SIGNING_KEY: z
      .string()
      .transform((text) => text.replaceAll("\\n", "\n"))
      .refine(isEd25519, "must be an Ed25519 private key in PEM (openssl genpkey -algorithm ed25519 makes one)")
      .optional(),
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
    if ((values.NOTIFY_WEBHOOK_URL === undefined) !== (values.NOTIFY_WEBHOOK_SECRET === undefined))
      context.addIssue({
        code: "custom",
        path: [values.NOTIFY_WEBHOOK_URL === undefined ? "NOTIFY_WEBHOOK_URL" : "NOTIFY_WEBHOOK_SECRET"],
        message: "must be set too: NOTIFY_WEBHOOK_URL and NOTIFY_WEBHOOK_SECRET go together",
      });
    if (values.ADMIN_PORT !== undefined && values.ADMIN_PORT !== 0 && values.ADMIN_PORT === values.PORT)
      context.addIssue({ code: "custom", path: ["ADMIN_PORT"], message: "must differ from PORT" });
    const tokens = ["ADMIN_TOKEN", "RESPONDER_TOKEN", "VIEWER_TOKEN", "AGENT_TOKEN"] as const;
    for (const [index, name] of tokens.entries()) {
      const same = tokens
        .slice(0, index)
        .find((earlier) => values[name] !== undefined && values[earlier] === values[name]);
      if (same) context.addIssue({ code: "custom", path: [name], message: `must differ from ${same}` });
    }
  });

function port() {
  const must = "must be a whole number from 0 to 65535";
  return z
    .string()
    .regex(/^\d{1,5}$/, must)
    .transform(Number)
    .refine((port) => port <= 65_535, must);
}

function host() {
  return z.string().regex(/^[A-Za-z0-9.:-]+$/, "must be an address or a host name, such as 127.0.0.1 or 0.0.0.0");
}

function token() {
  return z
    .string()
    .regex(/^[\x21-\x7e]+$/, "must be printable characters without spaces (openssl rand -hex 32 makes one)")
    .optional();
}

function gatewayRoot(text: string): string {
  return text.replace(/\/+$/, "").replace(/\/v1$/, "").replace(/\/+$/, "");
}

function safeUrl() {
  return z.string().refine(isSafeUrl, "must be an https:// address (http:// only for localhost)").optional();
}

/** PagerDuty's integration keys are 32 letters and digits. */
function routingKey() {
  return z
    .string()
    .regex(/^[A-Za-z0-9]{32}$/, "must be an integration key of PagerDuty's Events API v2, 32 letters and digits")
    .optional();
}

/** A page's link is often inside one's own network, and holds nothing secret. */
function isPublicUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.search === "" && url.hash === "";
}

/** As OpenTelemetry writes headers; null where it is not so, or a header could not hold it. */
function readHeaders(text: string): Record<string, string> | null {
  const pairs = text.split(",").map((pair) => /^\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(.*?)\s*$/.exec(pair)?.slice(1));
  const entries = pairs.map((pair) => pair && [pair[0], unescaped(pair[1]!)]);
  return entries.every((entry) => entry?.[1] != null) ? Object.fromEntries(entries as [string, string][]) : null;
}

function unescaped(value: string): string | null {
  try {
    const text = decodeURIComponent(value);
    return /^[\x20-\x7e]*$/.test(text) ? text : null;
  } catch {
    return null;
  }
}

function isEd25519(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === "ed25519";
  } catch {
    return false;
  }
}
