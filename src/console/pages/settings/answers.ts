import type { z } from "zod";
import type { settingsInForceShape } from "../../../http/api/shapes/settings.ts";

/** GET /api/settings. */
export type SettingsInForce = z.output<typeof settingsInForceShape>;
/** Of them what is shown value by value, whatever the settings are called. */
export interface Shown extends Pick<SettingsInForce, "lines" | "tuned"> {
  settings: Value;
}
type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value };

export interface Line {
  path: string;
  value: string;
  /** Where it comes from, in words. */
  origin: string;
  isDefault: boolean;
}

/** Every value in force with its origin: a tuning before the file, the file before the default. */
export function linesOf({ settings, lines, tuned }: Shown): Line[] {
  return flat(settings).map(([at, value]) => {
    const path = named(at, settings);
    const tuning = tuned.find((one) => one.path === at);
    if (tuning)
      return { path, value, origin: `tuning ${tuning.tuning}; the file says ${tuning.fileValue}`, isDefault: false };
    const line = lineOf(at, lines);
    if (line !== undefined) return { path, value, origin: `line ${line} of the file`, isDefault: false };
    return { path, value, origin: "default", isDefault: true };
  });
}

/** "fleet.agents[0].wallet" as "fleet.agents[procurement-17].wallet", where the things of a list have an id. */
function named(path: string, settings: Value): string {
  return path.replace(/^([\w.]+)\[(\d+)\]/, (whole, list: string, index: string) => {
    const items = list
      .split(".")
      .reduce<unknown>((value, name) => (value as Record<string, unknown>)?.[name], settings);
    const id = (items as readonly { id?: unknown }[] | undefined)?.[Number(index)]?.id;
    return typeof id === "string" ? `${list}[${id}]` : whole;
  });
}

/** What stands inside a list or a section that the file says as a whole comes from that line. */
function lineOf(path: string, lines: SettingsInForce["lines"]): number | undefined {
  for (let at = path; at !== ""; at = at.replace(/(\.|\[)[^.[]*$/, "")) {
    if (lines[at] !== undefined) return lines[at];
    if (!/[.[]/.test(at)) return undefined;
  }
  return undefined;
}

function flat(value: Value, path = ""): [string, string][] {
  if (value === null || typeof value !== "object") return [[path, text(value)]];
  if (Array.isArray(value)) {
    const items = value as readonly Value[];
    if (items.every((item) => item === null || typeof item !== "object"))
      return [[path, items.length === 0 ? "none" : items.map(text).join(", ")]];
    return items.flatMap((item, index) => flat(item, `${path}[${index}]`));
  }
  return Object.entries(value).flatMap(([name, one]) => flat(one, path === "" ? name : `${path}.${name}`));
}

const text = (value: Value): string => (value === null ? "none" : String(value));
