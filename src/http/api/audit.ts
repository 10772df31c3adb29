import { z } from "zod";
import { AUDIT_TRAIL, type AuditTrail, presentAuditedChange } from "../../incident/audit.ts";
import type { ExportLedgerPorts } from "../../learn/ledger/export.ts";
import { exportAside } from "../aside/export-aside.ts";
import { type Endpoint, endpoint, reply } from "../endpoint.ts";
import { auditedChangeShape } from "./shapes/audit.ts";
import { ledgerShape } from "./shapes/ledger.ts";

export interface AuditApiPorts extends ExportLedgerPorts {
  audit: Pick<AuditTrail, "list">;
}

const MOST = 200;
const number = z
  .string()
  .regex(/^[1-9]\d{0,9}$/)
  .transform(Number);

/** /api/audit (O6): every change through API, console or command line, who made it, and how it ended. */
export const auditEndpoints: readonly Endpoint<AuditApiPorts>[] = [
  endpoint({
    method: "get",
    path: "/api/audit",
    id: "listChanges",
    tag: "audit",
    summary: "Who changed what, newest first",
    role: "viewer",
    query: z.strictObject({
      limit: number
        .refine((limit) => limit <= MOST, `must be a whole number from 1 to ${MOST}`)
        .optional()
        .meta({ description: `at most ${MOST}; 50 unless said`, example: "50" }),
      after: number.optional().meta({ description: "what the page before answered as `next`" }),
    }),
    answers: {
      200: {
        what: "a page of changes",
        body: z.object({ changes: z.array(auditedChangeShape), next: z.string().nullable() }),
      },
    },
    async act({ audit }: AuditApiPorts, { query: { limit = 50, after } }) {
      const found = await audit.list(limit + 1, after);
      const changes = found.slice(0, limit);
      const next = found.length > limit ? String(changes.at(-1)!.number) : null;
      return reply(200, { changes: changes.map(presentAuditedChange), next });
    },
  }),
  endpoint({
    method: "get",
    path: "/api/audit/export",
    id: "exportChanges",
    tag: "audit",
    summary: "The whole trail as one signed file, for `tourniquet ledger verify`",
    role: "viewer",
    answers: { 200: { what: "every entry, hash, signature and key", body: ledgerShape } },
    problems: [422, 503],
    async act(ports: AuditApiPorts, { res }) {
      const exported = await exportAside(ports, AUDIT_TRAIL, res);
      const headers = { "content-disposition": 'attachment; filename="audit-trail.json"' };
      return "problem" in exported ? exported : { ...exported, type: "application/json", headers };
    },
  }),
];
