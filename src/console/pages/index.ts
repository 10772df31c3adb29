import type { ComponentType } from "preact";
import type { IconName } from "../parts/icon.tsx";
import type { Params } from "../router.ts";
import type { Role } from "../server/session-store.ts";
import { match } from "../words/match.ts";
import { Audit } from "./audit.tsx";
import { Cascade } from "./cascades/cascade.tsx";
import { Cascades } from "./cascades/list.tsx";
import { DeadLetterPage } from "./dead-letters/letter.tsx";
import { DeadLetters } from "./dead-letters/list.tsx";
import { Drills } from "./drills.tsx";
import { Fleet } from "./fleet/fleet.tsx";
import { Incident } from "./incident/incident.tsx";
import { PostMortem } from "./incident/post-mortem.tsx";
import { Incidents } from "./incidents/incidents.tsx";
import { Settings } from "./settings/settings.tsx";
import { Signals } from "./signals.tsx";
import { Silences } from "./silences/list.tsx";
import { Tokens } from "./tokens/tokens.tsx";
import { Tunings } from "./tunings.tsx";

export interface ConsolePage {
  /** `:name` stands for one part. The server hands out the console at these (http/console.ts knows their first part). */
  path: string;
  page: ComponentType<{ params: Params }>;
  /** Where it is in the navigation. first: also in the bar at the foot of a phone. Left out: reached from other pages. */
  nav?: { label: string; icon: IconName; place: "first" | "more"; role?: Extract<Role, "viewer" | "admin"> };
}

/** Every page behind the login, in the order of the navigation. */
export const pages: readonly ConsolePage[] = [
  { path: "/incidents", page: Incidents, nav: { label: "Incidents", icon: "alert", place: "first" } },
  { path: "/incidents/:id", page: Incident },
  { path: "/incidents/:id/post-mortem", page: PostMortem },
  { path: "/fleet", page: Fleet, nav: { label: "Fleet", icon: "fleet", place: "first" } },
  { path: "/dead-letters", page: DeadLetters, nav: { label: "Dead letters", icon: "letters", place: "first" } },
  { path: "/dead-letters/:queue/:id", page: DeadLetterPage },
  { path: "/cascades", page: Cascades, nav: { label: "Cascades", icon: "hourglass", place: "more" } },
  { path: "/cascades/:id", page: Cascade },
  { path: "/signals", page: Signals, nav: { label: "Signals", icon: "eye", place: "more" } },
  { path: "/silences", page: Silences, nav: { label: "Silences", icon: "bell", place: "more" } },
  { path: "/tunings", page: Tunings, nav: { label: "Tunings", icon: "climb", place: "more" } },
  { path: "/drills", page: Drills, nav: { label: "Drills", icon: "target", place: "more" } },
  { path: "/settings", page: Settings, nav: { label: "Settings", icon: "sliders", place: "more" } },
  { path: "/audit", page: Audit, nav: { label: "Audit trail", icon: "list", place: "more" } },
  { path: "/tokens", page: Tokens, nav: { label: "Tokens", icon: "key", place: "more", role: "admin" } },
];

/** The page at a path of the address, and what its pattern stands for; null where there is none. */
export function pageAt(path: string): { page: ConsolePage; params: Params } | null {
  for (const page of pages) {
    const params = match(page.path, path === "/" ? "/incidents" : path);
    if (params) return { page, params };
  }
  return null;
}
