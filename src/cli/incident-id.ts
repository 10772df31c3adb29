import { TourniquetError } from "../errors.ts";

/** What our ids look like; anything else cannot name an incident and is not asked of the store. */
const INCIDENT_ID = /^inc-\d{1,3}-[A-Za-z0-9-]{1,80}$/;

/** The id, once it can be one. Throws not-found, saying where those that there are can be seen. */
export function incidentId(said: string): string {
  if (INCIDENT_ID.test(said)) return said;
  if (/^cas-\d+$/.test(said))
    throw new TourniquetError("not-found", `${said} is a cascade: npx tourniquet cascades show ${said}`);
  throw noIncident(said);
}

export function noIncident(said: string): TourniquetError {
  const which = said.trim() === "" ? "an incident's id must be said" : `no incident ${said.slice(0, 100)}`;
  return new TourniquetError("not-found", `${which}: npx tourniquet incidents list shows them`);
}
