import type { Router } from "express";
import { z } from "zod";
import { standardKey } from "../../greenhelix/signature.ts";
import type { World } from "../world.ts";

/** Webhooks set up without the gateway's rules: any URL, either scheme. */
const scheme = z.enum(["a2a", "standard"]);
const webhookSchema = z
  .strictObject({
    agentId: z.string().min(1).default("sandbox"),
    url: z.url(),
    eventTypes: z.array(z.string()).min(1),
    secret: z.string().min(1),
    scheme: scheme.default("a2a"),
    filterAgentIds: z.array(z.string()).nullable().default(null),
  })
  .refine((webhook) => webhook.scheme === "a2a" || isUsable(webhook.secret), "a whsec_ secret must continue in base64");

const announceSchema = z.strictObject({
  eventType: z.string(),
  agentId: z.string(),
  payload: z.record(z.string(), z.unknown()),
});

export function webhookAdminRoutes(router: Router, world: World): void {
  router.post("/webhooks", (req, res) => {
    res.status(201).json(world.webhooks.register(webhookSchema.parse(req.body)));
  });
  router.get("/webhooks", (_req, res) => res.json({ webhooks: world.webhooks.list() }));
  router.put("/webhooks/:id", (req, res) => {
    const webhook = world.webhooks.find(req.params.id);
    if (!webhook) return res.status(404).json({ error: "no such webhook" });
    webhook.scheme = z.strictObject({ scheme }).parse(req.body).scheme;
    res.json(webhook);
  });
  router.get("/deliveries", (_req, res) => res.json({ deliveries: world.webhooks.deliveries() }));
  // Says something on the webhooks that did not happen: how a receiver takes a lying or broken gateway.
  router.post("/announce", (req, res) => {
    const { eventType, agentId, payload } = announceSchema.parse(req.body);
    world.courier.announce(eventType, agentId, payload);
    res.status(202).json({ announced: eventType });
  });
}

function isUsable(secret: string): boolean {
  try {
    return standardKey(secret).length > 0;
  } catch {
    return false;
  }
}
