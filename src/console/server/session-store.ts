import type { z } from "zod";
import type { sessionShape } from "../../http/api/shapes/session.ts";
import { createStore } from "../store.ts";

/**
 * GET /api/session: who the server takes this browser for. name: the person, where the token is theirs; null: a token that many may
 * hold, so that a name is asked for. csrfToken: sent with every change; null where no session needs one (nobody must log in here).
 */
export type Session = z.output<typeof sessionShape>;
export type Role = Session["role"];

/** undefined: not asked yet. null: nobody is logged in. */
export const session = createStore<Session | null | undefined>(undefined);

/**
 * The server knows the login no more, while somebody is at work here. `session` still says who it was: the page stays with
 * all that was written on it, and the token is asked for in front of it (parts/session-ended.tsx).
 */
export const hasEnded = createStore(false);

/** Whether the person may do what needs the role. */
export function may(role: "viewer" | "responder" | "admin", who = session.get()): boolean {
  const order = ["viewer", "responder", "admin"];
  return who != null && order.indexOf(who.role) >= order.indexOf(role);
}
