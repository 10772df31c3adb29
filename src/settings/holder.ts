import { TourniquetError } from "../errors.ts";
import type { Tuning } from "../incident/tuning.ts";
import { flat, hashOf, presentSettings } from "./present.ts";
import type { Settings } from "./settings.ts";
import { type TunedValue, tuned } from "./tuned.ts";

/** What cannot change while a process runs: connections were made with it. Of the gateway's deadline, what freezes and cancels take is new at once. */
const FIXED = [
  "gateway.concurrency",
  "gateway.deadlineMs",
  "gateway.allowPrivateHosts",
  "agentControl.deadlineMs",
  "agentControl.allowPrivateHosts",
  "notify.allowPrivateHosts",
] as const;

export interface SettingsState {
  hash: string;
  /** Times by this process's clock, milliseconds since 1970: for people, nothing is decided by them. */
  loadedAt: number;
  /** The last reload, if it failed: the settings in force are older than the file. */
  failure: { at: number; mistakes: readonly string[] } | null;
  /** What the file says and only a restart puts in force. */
  needsRestart: readonly string[];
  /** What incidents taught, in place of what the file says (F6). */
  tuned: readonly TunedValue[];
  overruled: readonly Tuning[];
}

export type Reload =
  | { answer: "reloaded" | "unchanged"; needsRestart: readonly string[] }
  | { answer: "kept-old"; mistakes: readonly string[] };

/** The settings of one process, and their exchange while it runs. */
export interface HeldSettings {
  /** Always the ones in force: whoever keeps this object sees the new ones. A flow takes a copy once, at its beginning. */
  readonly live: Settings;
  readonly state: SettingsState;
  /** What the file alone says. */
  readonly file: Settings;
  /** From now on these are in force over the file, and over every file to come. */
  tune(inForce: readonly Tuning[]): void;
  /** Takes what `load` reads; where it throws config-invalid the old ones stay. */
  reload(load: () => Settings): Reload;
}

export function holdSettings(first: Settings): HeldSettings {
  let file = first;
  let tunings: readonly Tuning[] = [];
  let current = first;
  let state: SettingsState = {
    ...{ hash: hashOf(first), loadedAt: Date.now(), failure: null, needsRestart: [] },
    ...{ tuned: [], overruled: [] },
  };
  const merge = () => {
    const { settings, values, overruled } = tuned(file, tunings);
    current = settings;
    state = { ...state, hash: hashOf(settings), tuned: values, overruled };
  };
  const names = Object.keys(first) as (keyof Settings)[];
  const live = Object.defineProperties(
    {} as Settings,
    Object.fromEntries(names.map((name) => [name, { enumerable: true, get: () => current[name] }])),
  );
  return {
    live,
    get file() {
      return file;
    },
    get state() {
      return state;
    },
    tune(inForce) {
      tunings = inForce;
      merge();
    },
    reload(load) {
      try {
        const next = load();
        const answer = hashOf(next) === hashOf(file) ? "unchanged" : "reloaded";
        const needsRestart = differences(first, next).filter((path) => (FIXED as readonly string[]).includes(path));
        // Also where nothing shows: a key may have another value behind the same name.
        file = next;
        state = { ...state, loadedAt: Date.now(), failure: null, needsRestart };
        merge();
        return { answer, needsRestart };
      } catch (error) {
        if (!(error instanceof TourniquetError) || error.code !== "config-invalid") throw error;
        const mistakes = (error.detail.mistakes ?? [error.message]) as readonly string[];
        state = { ...state, failure: { at: Date.now(), mistakes } };
        return { answer: "kept-old", mistakes };
      }
    },
  };
}

/** Paths of what is not the same in both, those that only one of them has included. */
export function differences(a: Settings, b: Settings): string[] {
  const [left, right] = [flat(presentSettings(a)), flat(presentSettings(b))];
  return [...new Set([...left.keys(), ...right.keys()])].filter((path) => left.get(path) !== right.get(path));
}
