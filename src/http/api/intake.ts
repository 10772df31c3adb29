import express, { type Router } from "express";
import type { Inbox } from "../../incident/inbox.ts";
import type { Auth } from "../auth.ts";
import { wrongMethod } from "../method.ts";

/** /api/intake: the accounting of G2, accepted = dispositions + pending. */
export function intakeApi(ports: { inbox: Pick<Inbox, "stats">; auth: Auth }): Router {
  const router = express.Router();
  router
    .route("/")
    .get(
      ports.auth.require("viewer", { openHere: true }),
      async (_req, res) => void res.json(await ports.inbox.stats()),
    )
    .all(wrongMethod("GET"));
  return router;
}
