import { readFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { TourniquetError } from "../../errors.ts";
import { runbooks } from "../../runbooks/index.ts";
import { type Environment, readSettings, type Settings } from "../../settings/settings.ts";

/** Settings that are tried. name: "today", the file, or what was set. */
export interface Candidate {
  name: string;
  settings: Settings;
}

type Section = Record<string, unknown>;

const known = { runbooks: runbooks.map(({ name }) => name) };

/**
 * Today's settings first, then each file, then those that were set one by one (`costAnomaly.sigmas=2.5`), together one candidate.
 * A file that says nothing but `thresholds` changes those of today. Throws config-invalid naming file, line and mistake.
 */
export function candidatesOf(
  today: Settings,
  files: readonly string[],
  sets: readonly string[],
  env: Environment,
): Candidate[] {
  const said = today.origin.file === undefined ? {} : sectionOf(readText(today.origin.file), today.origin.file);
  return [
    { name: "today", settings: today },
    ...files.map((file) => ({ name: file, settings: fromFile(file, said, env) })),
    ...(sets.length === 0 ? [] : [{ name: sets.join(" "), settings: fromSets(sets, said, env) }]),
  ];
}

function fromFile(file: string, today: Section, env: Environment): Settings {
  const text = readText(file);
  const whole = readSettings(text, env, file, known);
  const own = sectionOf(text, file);
  const isOnlyThresholds = Object.keys(own).length === 1 && own.thresholds !== undefined;
  return isOnlyThresholds ? over(today, own, env, `${file}, over today's settings:`) : whole;
}

function fromSets(sets: readonly string[], today: Section, env: Environment): Settings {
  const thresholds = sets.map(sectionSet).reduce(merged, {});
  return over(today, { thresholds }, env, "--set:");
}

/** "costAnomaly.sigmas=2.5" as the section it stands for. */
function sectionSet(set: string): Section {
  const [, path, value] = /^([A-Za-z][\w.-]*)=(.+)$/.exec(set) ?? [];
  if (path === undefined || value === undefined)
    throw new TourniquetError("config-invalid", `--set ${set}: must be a threshold and its value, with = between them`);
  const parts = path.replace(/^thresholds\./, "").split(".");
  return parts.reduceRight<unknown>((inner, part) => ({ [part]: inner }), parse(value)) as Section;
}

function over(today: Section, own: Section, env: Environment, where: string): Settings {
  return readSettings(stringify(merged(today, own)), env, where, known);
}

/** Section by section; a list or a value is replaced as a whole. */
function merged(base: Section, own: Section): Section {
  const both = Object.entries(own).map(([name, value]) => {
    const before = base[name];
    return [name, isSection(before) && isSection(value) ? merged(before, value) : (value ?? before)];
  });
  return { ...base, ...Object.fromEntries(both) };
}

const isSection = (value: unknown): value is Section =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Its mistakes are told by whoever reads it as settings. */
function sectionOf(text: string, file: string): Section {
  const said: unknown = parse(text);
  if (isSection(said)) return said;
  if (said === null || said === undefined) return {};
  throw new TourniquetError("config-invalid", `${file} is no settings file`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const problem = isMissing ? "does not exist" : `cannot be read (${String(error)})`;
    throw new TourniquetError("config-invalid", `${file} ${problem}`, {}, error);
  }
}
