import type { PostMortem } from "../../../incident/post-mortem.ts";
import type { presentIncident } from "../../../incident/present.ts";

/** What the API answers about one incident. */
export type Incident = ReturnType<typeof presentIncident>;
export type { PostMortem };

/** The parts of a page that tell of both; the document comes a moment later than the incident. */
export interface Told {
  incident: Incident;
  document: PostMortem | undefined;
}
