import type { Request, Response } from "express";
import { sendProblem } from "../problem.ts";

/** What our ids look like; anything else cannot name an incident and is not asked of the store. */
const INCIDENT_ID = /^inc-\d{1,3}-[A-Za-z0-9-]{1,80}$/;

/** The incident that a path is about; undefined where it names none, and the answer is sent. */
export function readIncidentId(req: Request, res: Response): string | undefined {
  const id = String(req.params.id);
  if (INCIDENT_ID.test(id)) return id;
  sendProblem(res, { status: 404, kind: "no-such-incident", detail: "There is no incident of this id." });
  return undefined;
}
