import type { Router } from "express";
import { z } from "zod";
import { expireDue } from "../escrow-moves.ts";
import { faultRuleSchema } from "../faults.ts";
import type { World } from "../world.ts";

/** What goes wrong and what is served, switched while it runs. PUT keeps what is not named. */
const ms = z.int().nonnegative();
const latencySchema = z.strictObject({ ms: ms.optional(), jitterMs: ms.optional() });
const pauseSchema = z.strictObject({ beforeRefundMs: ms.optional(), afterRefundMs: ms.optional() });
const formsSchema = z.strictObject({ forms: z.enum(["both", "rest", "tools"]) });
const limitsSchema = z.strictObject({
  maxInFlight: z.int().positive().optional(),
  requestLimitMs: z.int().positive().optional(),
  closesAfterErrors: z.boolean().optional(),
});
const deliverySchema = z.strictObject({
  enabled: z.boolean().optional(),
  duplicates: z.int().min(0).max(1_000).optional(),
  shuffle: z.boolean().optional(),
  delayMs: ms.optional(),
  types: z.array(z.string()).nullable().optional(),
  attemptDelaysMs: z.array(ms).min(1).optional(),
  timeoutMs: z.int().positive().optional(),
});

export function switchRoutes(router: Router, world: World): void {
  router.post("/reset", (_req, res) => {
    world.reset();
    res.json({ reset: true });
  });
  router.post("/expire", (_req, res) => res.json({ expired: expireDue(world) }));
  faultRoutes(router, world);
  router.put("/latency", (req, res) => {
    Object.assign(world.settings.latency, latencySchema.parse(req.body));
    res.json(world.settings.latency);
  });
  router.put("/cancel-pause", (req, res) => {
    Object.assign(world.settings.cancelPause, pauseSchema.parse(req.body));
    res.json(world.settings.cancelPause);
  });
  router.put("/forms", (req, res) => res.json(Object.assign(world.settings, formsSchema.parse(req.body))));
  router.put("/limits", (req, res) => res.json(Object.assign(world.settings, limitsSchema.parse(req.body))));
  router.put("/delivery", (req, res) => {
    const { enabled, shuffle, ...rest } = deliverySchema.parse(req.body);
    Object.assign(world.settings.delivery, rest);
    if (enabled !== undefined) world.settings.delivery.isEnabled = enabled;
    if (shuffle !== undefined) world.settings.delivery.isShuffled = shuffle;
    res.json(world.settings.delivery);
  });
}

function faultRoutes(router: Router, world: World): void {
  router.post("/faults", (req, res) => {
    const rules = z.union([faultRuleSchema.transform((rule) => [rule]), z.array(faultRuleSchema)]).parse(req.body);
    res.status(201).json({ faults: rules.map((rule) => world.faults.add(rule)) });
  });
  router.get("/faults", (_req, res) => res.json({ faults: world.faults.list() }));
  router.delete("/faults", (_req, res) => {
    world.faults.clear();
    res.json({ faults: [] });
  });
  router.delete("/faults/:id", (req, res) => res.json({ removed: world.faults.remove(Number(req.params.id)) }));
}
