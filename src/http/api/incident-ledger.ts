import type { RequestHandler } from "express";
import { type ExportLedgerPorts, exportLedger } from "../../learn/ledger/export.ts";
import { sendProblem } from "../problem.ts";

const INCIDENT_ID = /^inc-\d{1,3}-[A-Za-z0-9-]{1,80}$/;

/** GET /api/incidents/:id/ledger: the file that `tourniquet ledger verify` reads (F5). Whoever may read incidents may have it. */
export function showLedger(ports: ExportLedgerPorts): RequestHandler {
  return async (req, res) => {
    const id = String(req.params.id);
    if (!INCIDENT_ID.test(id) || !(await ports.incidents.load(id))) {
      sendProblem(res, { status: 404, kind: "no-such-incident", detail: "There is no incident of this id." });
      return;
    }
    const bundle = await exportLedger(ports, id);
    res.attachment(`ledger-${id}.json`).type("application/json").send(bundle);
  };
}
