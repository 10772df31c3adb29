import type { RequestHandler, Response } from "express";
import type { PostMortem, PostMortems } from "../../incident/post-mortem.ts";
import { type DraftPorts, draftPostMortem } from "../../learn/post-mortem/post-mortem.ts";
import { renderPostMortem } from "../../learn/post-mortem/post-mortem-text.ts";
import { sendProblem } from "../problem.ts";

export interface PostMortemApiPorts extends DraftPorts {
  postMortems: Pick<PostMortems, "load">;
}

const INCIDENT_ID = /^inc-\d{1,3}-[A-Za-z0-9-]{1,80}$/;

/**
 * F4: the post-mortem as it was written; a draft, computed now and marked as such, while the incident is open. JSON, or Markdown
 * by `Accept: text/markdown` or `?format=md`; either way a browser saves it under the incident's name.
 */
export function showPostMortem(ports: PostMortemApiPorts): RequestHandler {
  return async (req, res) => {
    const id = String(req.params.id);
    const { format } = req.query;
    if (format !== undefined && format !== "md" && format !== "json") {
      const problem = 'must be "json" or "md"';
      sendProblem(res, {
        status: 422,
        kind: "invalid",
        detail: `format ${problem}.`,
        errors: [{ field: "format", problem }],
      });
      return;
    }
    const document = INCIDENT_ID.test(id)
      ? ((await ports.postMortems.load(id)) ?? (await draftPostMortem(ports, id)))
      : null;
    if (document === null) {
      sendProblem(res, { status: 404, kind: "no-such-incident", detail: "There is no incident of this id." });
      return;
    }
    const wanted = format ?? (req.accepts("application/json", "text/markdown") === "text/markdown" ? "md" : "json");
    send(res, document, wanted);
  };
}

function send(res: Response, document: PostMortem, format: "json" | "md"): void {
  const draft = document.isDraft ? "draft-" : "";
  res.vary("Accept").attachment(`post-mortem-${draft}${document.incidentId}.${format}`);
  if (format === "md") res.type("text/markdown; charset=utf-8").send(renderPostMortem(document));
  else res.json(document);
}
