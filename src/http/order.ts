import type { Request, Response } from "express";
import { z } from "zod";
import { person } from "../incident/who-and-why.ts";
import { sendProblem } from "./problem.ts";

/** A person's decision about the fleet: who, and why. */
const order = z.object({
  by: person.by,
  reason: person.reason,
  id: z.string().max(200).optional(),
});
export type OrderBody = z.output<typeof order>;

/** Undefined where it was no order; the answer, which names each field, is sent then. */
export function readOrder(req: Request, res: Response): OrderBody | undefined {
  const body = order.safeParse(req.body ?? {});
  if (body.success) return body.data;
  const errors = body.error.issues.map((issue) => ({ field: issue.path.join(".") || "body", problem: issue.message }));
  sendProblem(res, { status: 422, kind: "invalid", detail: "Say who decides, and why.", errors });
  return undefined;
}

/** `?limit=` of a list; undefined where it is none and the answer is sent. */
export function readLimit(req: Request, res: Response, most: number, usual: number): number | undefined {
  const limit = req.query.limit === undefined ? usual : Number(req.query.limit);
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return limit;
  const problem = `must be a whole number from 1 to ${most}`;
  sendProblem(res, {
    status: 422,
    kind: "invalid",
    detail: `limit ${problem}.`,
    errors: [{ field: "limit", problem }],
  });
  return undefined;
}
