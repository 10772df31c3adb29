import type { Config } from "../config.ts";
import type { TourniquetError } from "../errors.ts";
import type { ConnectedGateway } from "../greenhelix/connect.ts";
import type { Services } from "../services.ts";
import type { Settings } from "../settings/settings.ts";

/** ok: as it should be. warn: it works, and somebody should know. fail: on a bad night this would be missing. */
export type State = "ok" | "warn" | "fail";

export interface Measured {
  state: State;
  /** What was found, with its figures, and where they end. */
  found: string;
  /** One sentence: how to mend it; null where nothing is to mend. */
  mend: string | null;
  /** One line each of what was found in detail. */
  lines?: readonly string[];
  /** The same for machines. */
  detail?: unknown;
}

/** What items measure with. Whatever could not be opened is the error that says why. */
export interface DoctorPorts {
  config: Config;
  settings: Settings;
  /** Over Redis, as every command has them. */
  services: Services | TourniquetError;
  /** Needs no Redis: without one's pace, and without the belt of observe-only mode; items only read with it. */
  gateway: ConnectedGateway;
  /** Whether people may be sent a test page. */
  notify: boolean;
}

export const sections = ["detection", "containment", "recovery", "forensics", "platform", "people"] as const;
export type Section = (typeof sections)[number];

/** One row of the readiness checklist (O1). It changes nothing: the only thing that it may send is what is named a test. */
export interface Item {
  id: string;
  section: Section;
  /** What has to hold, for whoever reads the report without the documents. */
  title: string;
  deadlineMs: number;
  measure(ports: DoctorPorts, abort: AbortSignal): Promise<Measured>;
}

export const ok = (found: string, more: Pick<Measured, "lines" | "detail"> = {}): Measured => ({
  ...{ state: "ok", found, mend: null },
  ...more,
});
export const warn = (found: string, mend: string, more: Pick<Measured, "lines" | "detail"> = {}): Measured => ({
  ...{ state: "warn", found, mend },
  ...more,
});
export const fail = (found: string, mend: string, more: Pick<Measured, "lines" | "detail"> = {}): Measured => ({
  ...{ state: "fail", found, mend },
  ...more,
});
