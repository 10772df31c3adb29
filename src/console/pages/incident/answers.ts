import type { z } from "zod";
import type { capsToGiveBackShape } from "../../../http/api/shapes/incident.ts";
import type { PostMortem } from "../../../incident/post-mortem.ts";
import type { presentIncident } from "../../../incident/present.ts";

/** What stand-down and recovery give back. */
export type CapsToGiveBack = z.output<typeof capsToGiveBackShape>;
/** What the API answers about one incident. */
export type Incident = ReturnType<typeof presentIncident> & { caps: CapsToGiveBack | null };
export type { PostMortem };

/** The parts of a page that tell of both; the document comes a moment later than the incident. */
export interface Told {
  incident: Incident;
  document: PostMortem | undefined;
}
