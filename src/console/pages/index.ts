import type { ComponentType } from "preact";
import type { IconName } from "../parts/icon.tsx";
import type { Params } from "../router.ts";
import type { Role } from "../server/session-store.ts";
import { match } from "../words/match.ts";
import { Cascade } from "./cascades/cascade.tsx";
import { Incident } from "./incident/incident.tsx";
import { Incidents } from "./incidents/incidents.tsx";

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
  { path: "/cascades/:id", page: Cascade },
];

/** The page at a path of the address, and what its pattern stands for; null where there is none. */
export function pageAt(path: string): { page: ConsolePage; params: Params } | null {
  for (const page of pages) {
    const params = match(page.path, path === "/" ? "/incidents" : path);
    if (params) return { page, params };
  }
  return null;
}
