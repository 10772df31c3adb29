import { z } from "zod";
import { sessionShape } from "./api/shapes/session.ts";
import { count, time } from "./api/shapes/time.ts";
import type { Described } from "./openapi.ts";

/** What has a handler of its own, for its speed or its cookies, and belongs into /openapi.json all the same. */
const event = z
  .looseObject({
    event_type: z.string().optional().meta({ description: "needed; also taken as `type`" }),
    agent_id: z.string().optional().meta({ description: "whom it is about; also within the payload" }),
    payload: z.record(z.string(), z.unknown()).optional().meta({ description: "also taken as `data` or `details`" }),
    id: z.string().optional().meta({ description: "the sender's; the same one again is one event" }),
  })
  .meta({
    id: "WebhookEvent",
    example: {
      event_type: "budget_threshold",
      agent_id: "procurement-7",
      payload: { utilization_pct: 97 },
    },
  });

const receipt = z
  .object({
    eventId: z.string(),
    status: z
      .enum(["accepted", "duplicate"])
      .meta({ description: "duplicate: it was stored before, and is one event" }),
  })
  .meta({ id: "Receipt" });
const batchReceipt = z.object({ accepted: count, duplicates: count, eventIds: z.array(z.string()) });

const webhook = {
  ...{ method: "post", tag: "webhooks", needs: "signature", body: event },
  answers: { 202: { what: "stored durably; what follows is worked by the queues", body: receipt } },
  problems: [400, 401, 413, 415, 422, 429, 503],
} as const satisfies Partial<Described>;

const ready = z.object({
  status: z.literal("ready"),
  warnings: z
    .array(z.object({ field: z.string(), problem: z.string() }))
    .meta({ description: "what no other process has better, and somebody should mend" }),
  settings: z.object({ hash: z.string(), loadedAt: time, isStale: z.boolean() }),
  breakers: z.object({ open: count, halfOpen: count }),
  escalations: z.object({ missed: count }),
});

export const described: readonly Described[] = [
  {
    ...webhook,
    path: "/webhooks/greenhelix",
    id: "receiveWebhook",
    summary: "A signed webhook of the gateway",
    description: "What is not answered 202 is not promised to be kept: send it again.",
  },
  {
    ...webhook,
    path: "/incidents/webhook",
    id: "receiveWebhookAtOldAddress",
    summary: "The same, where senders are set up for this address",
  },
  {
    ...webhook,
    path: "/webhooks/agent-activity",
    id: "receiveActivity",
    summary: "What agents do, told by the system that runs them; one event or a batch (docs/agent-activity.md)",
    answers: { 202: { what: "stored durably, all of it", body: z.union([receipt, batchReceipt]) } },
  },
  {
    ...{ method: "post", path: "/login", id: "logIn", tag: "login", needs: "anybody" },
    summary: "A browser's login: a token becomes a session and its cookie",
    description: "Five tries a minute and address. As a form it answers with a page, or leads to `then`.",
    // biome-ignore lint/suspicious/noThenProperty: a field of the body, not a promise
    body: z.object({ token: z.string(), then: z.string().optional() }),
    answers: {
      200: { what: "whose session it is; the cookie is set", body: sessionShape },
      303: { what: "of a form", media: ["text/plain", "text/html"] },
    },
    problems: [400, 401, 403, 413, 415, 422, 429, 503],
  },
  {
    ...{ method: "post", path: "/logout", id: "logOut", tag: "login", needs: "role" },
    summary: "End this session",
    answers: { 204: { what: "it has ended" } },
    problems: [401, 403, 503],
  },
  {
    ...{ method: "get", path: "/api/session", id: "showSession", tag: "login", needs: "role" },
    summary: "Who asks, until when, and what changes from a browser must carry",
    answers: { 200: { what: "who asks; all null but the role where nobody has logged in", body: sessionShape } },
    problems: [401, 403, 503],
  },
  {
    ...{ method: "get", path: "/healthz", id: "isAlive", tag: "health", needs: "anybody" },
    summary: "The process runs; nothing else is asked",
    answers: { 200: { what: "it does", body: z.object({ status: z.literal("ok") }) } },
  },
  {
    ...{ method: "get", path: "/readyz", id: "isReady", tag: "health", needs: "anybody" },
    summary: "Whether this process should be given work",
    answers: { 200: { what: "it should", body: ready.meta({ id: "Readiness" }) } },
    problems: [503],
  },
  {
    ...{ method: "get", path: "/metrics", id: "showMetrics", tag: "health", needs: "anybody" },
    summary: "For Prometheus",
    answers: { 200: { what: "metrics", media: ["text/plain"] } },
    problems: [503],
  },
  {
    ...{ method: "get", path: "/openapi.json", id: "showDescription", tag: "health", needs: "anybody" },
    summary: "This document",
    answers: { 200: { what: "OpenAPI 3.1", body: z.looseObject({ openapi: z.literal("3.1.1") }) } },
  },
  {
    ...{ method: "get", path: "/docs", id: "showAddresses", tag: "health", needs: "anybody" },
    summary: "The same for people",
    answers: { 200: { what: "a page", media: ["text/html"] } },
  },
];
