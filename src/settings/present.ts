import { hash } from "node:crypto";
import { formatMoney, type Money } from "../incident/money.ts";
import type { Settings } from "./settings.ts";

export type Presented =
  | string
  | number
  | boolean
  | null
  | readonly Presented[]
  | { readonly [name: string]: Presented };

/** The settings as JSON for people: amounts as decimal strings, times as ISO text, and of keys only where they come from. */
export function presentSettings({ origin, keys, agentThresholds, silences, ...settings }: Settings) {
  return {
    ...(plain(settings) as { [name: string]: Presented }),
    thresholds: { ...(plain(settings.thresholds) as object), agents: plain(agentThresholds) },
    keys: {
      containment:
        keys.containment === undefined ? "variable GREENHELIX_API_KEY" : (origin.keys.get("containment") ?? "set"),
      agents: Object.fromEntries(
        [...keys.agents.keys()].map((id) => [shownKeyId(settings, id), origin.keys.get(id) ?? "set"]),
      ),
    },
    silences: silences.map((silence) => ({
      ...(plain(silence) as object),
      from: silence.from === 0 ? null : iso(silence.from),
      until: iso(silence.until),
    })),
  } as unknown as { [name: string]: Presented };
}

/** Path of every value that the file says to its line, for people. */
export function presentLines({ origin, keys, fleet }: Settings): Record<string, number> {
  const strangers = [...keys.agents.keys()].filter((id) => shownKeyId({ fleet }, id) !== id);
  const shown = (path: string) => {
    const stranger = strangers.find((id) => path.startsWith(`keys.agents.${id}`));
    return stranger === undefined ? path : path.replace(`keys.agents.${stranger}`, `keys.agents.${NOT_NAMED}`);
  };
  return Object.fromEntries([...origin.lines].map(([path, line]) => [shown(path), line]));
}

/** Whom the fleet does not name may be a key that was pasted where an agent's id belongs. */
function shownKeyId({ fleet }: Pick<Settings, "fleet">, id: string): string {
  return fleet.agents.some((agent) => agent.id === id) ? id : NOT_NAMED;
}

const NOT_NAMED = "*";

/** The same settings have the same hash in every process; a key's value is no part of it. */
export function hashOf(settings: Settings): string {
  return hash("sha256", JSON.stringify(presentSettings(settings))).slice(0, 12);
}

/** Path -> value of everything that is no section; what a file leaves out is in it with its default. */
export function flat(presented: Presented, path = ""): Map<string, string> {
  if (presented === null || typeof presented !== "object") return new Map([[path, JSON.stringify(presented)]]);
  if (Array.isArray(presented) && presented.every((item) => typeof item !== "object"))
    return new Map([[path, JSON.stringify(presented)]]);
  const entries: [string, Presented][] = Array.isArray(presented)
    ? presented.map((item, index) => [`${path}[${index}]`, item])
    : Object.entries(presented).map(([name, value]) => [path === "" ? name : `${path}.${name}`, value]);
  return new Map(entries.flatMap(([at, value]) => [...flat(value, at)]));
}

const iso = (at: number) => new Date(at).toISOString();

function plain(value: unknown): Presented {
  if (typeof value === "bigint") return formatMoney(value as Money);
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, one]) => [name, plain(one)]));
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === "object")
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, one]) => (one === undefined ? [] : [[name, plain(one)]])),
    );
  return value as Presented;
}
