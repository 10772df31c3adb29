import type { Request } from "express";
import { z } from "zod";
import type { Incidents } from "../../incident/ports.ts";
import { type PostMortems, postMortemSchema } from "../../incident/post-mortem.ts";
import type { ExportLedgerPorts } from "../../learn/ledger/export.ts";
import { type DraftPorts, draftPostMortem } from "../../learn/post-mortem/post-mortem.ts";
import { renderPostMortem } from "../../learn/post-mortem/post-mortem-text.ts";
import { exportAside } from "../aside/export-aside.ts";
import { type Endpoint, endpoint, reply } from "../endpoint.ts";
import { incidentParams as params, noSuchIncident as unknown } from "./incident-id.ts";
import { ledgerShape } from "./shapes/ledger.ts";

export interface IncidentDocumentsPorts extends DraftPorts, ExportLedgerPorts {
  incidents: DraftPorts["incidents"] & Pick<Incidents, "load">;
  postMortems: Pick<PostMortems, "load">;
}

const read = { method: "get", tag: "incidents", role: "viewer", params, unknown } as const;
const asFile = (name: string) => ({ "content-disposition": `attachment; filename=${name}` });

/** What of one incident goes to people and auditors as a file. A browser saves each under the incident's name. */
export const incidentDocumentEndpoints: readonly Endpoint<IncidentDocumentsPorts>[] = [
  endpoint({
    ...read,
    path: "/api/incidents/{id}/post-mortem",
    id: "showPostMortem",
    summary: "What happened, what it cost, what is left",
    description:
      "As it was written; a draft, computed now and marked as such, while the incident is open. Markdown by `Accept: text/markdown` or `?format=md`.",
    query: z.strictObject({ format: z.enum(["json", "md"], 'must be "json" or "md"').optional() }),
    answers: {
      200: { what: "the post-mortem", body: postMortemSchema.meta({ id: "PostMortem" }), media: ["text/markdown"] },
    },
    async act(ports: IncidentDocumentsPorts, { params: { id }, query, req }) {
      const document = (await ports.postMortems.load(id)) ?? (await draftPostMortem(ports, id));
      if (document === null) return null;
      const format = query.format ?? preferred(req);
      const name = `post-mortem-${document.isDraft ? "draft-" : ""}${id}.${format}`;
      const headers = { ...asFile(name), vary: "Accept" };
      if (format === "json") return reply(200, document, headers);
      return { text: renderPostMortem(document), type: "text/markdown; charset=utf-8", headers };
    },
  }),
  endpoint({
    ...read,
    path: "/api/incidents/{id}/ledger",
    id: "exportLedger",
    summary: "Its record of what was decided and done, hash-chained and signed",
    description: "The file that `tourniquet ledger verify` and POST /api/ledgers/verify read, to the byte.",
    answers: { 200: { what: "the ledger", body: ledgerShape } },
    problems: [422, 503],
    async act(ports: IncidentDocumentsPorts, { params: { id }, res }) {
      if (!(await ports.incidents.load(id))) return null;
      const exported = await exportAside(ports, id, res);
      const headers = asFile(`ledger-${id}.json`);
      return "problem" in exported ? exported : { ...exported, type: "application/json", headers };
    },
  }),
];

const preferred = (req: Request) =>
  req.accepts("application/json", "text/markdown") === "text/markdown" ? "md" : "json";
