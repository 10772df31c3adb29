import express, { type Router } from "express";
import type { HeldSettings } from "../../settings/holder.ts";
import { presentLines, presentSettings } from "../../settings/present.ts";
import type { Auth } from "../auth.ts";
import { wrongMethod } from "../method.ts";

/** /api/settings: what is in force in this process and where each value comes from; of keys only where they are read from. */
export function settingsApi({ heldSettings, auth }: { heldSettings: HeldSettings; auth: Auth }): Router {
  const router = express.Router();
  router
    .route("/")
    .get(auth.require("viewer", { openHere: true }), (_req, res) => {
      const { hash, loadedAt, failure, needsRestart } = heldSettings.state;
      const { origin } = heldSettings.live;
      res.json({
        hash,
        loadedAt: iso(loadedAt),
        isStale: failure !== null,
        failedReload: failure && { at: iso(failure.at), mistakes: failure.mistakes },
        needsRestart,
        file: origin.file ?? null,
        // What is not in it is a default.
        lines: presentLines(heldSettings.live),
        // What incidents taught, in place of what the file says (F6).
        tuned: heldSettings.state.tuned,
        settings: presentSettings(heldSettings.live),
      });
    })
    .all(wrongMethod("GET"));
  return router;
}

const iso = (at: number): string => new Date(at).toISOString();
