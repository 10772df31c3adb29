import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";

/**
 * Reads a YAML text by a schema and adds every mistake, with the line it stands on and the path to it, to the list.
 * Values never stand in a mistake: somebody may have written a secret where it does not belong.
 * Undefined if it cannot be read at all. What is wrong is left out of `value`, so that the rest can be checked in the same
 * go; `flawed` says where. `lineOf` tells where a path stands, for what is checked afterwards.
 */
export function readYaml<S extends z.ZodType>(
  text: string,
  schema: S,
  mistakes: string[],
): YamlDocument<z.output<S>> | undefined {
  const lines = new LineCounter();
  // prettyErrors would quote the source.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const flaws = [...document.errors, ...document.warnings];
  for (const flaw of flaws)
    mistakes.push(`line ${lines.linePos(flaw.pos[0]).line}: not readable as YAML (${flaw.code})`);
  if (flaws.length > 0) return undefined;
  const lineOf: LineOf = (path) => lines.linePos(offsetOf(document.contents, path)).line;
  const said: unknown = document.toJS() ?? {};
  const written = new Map(leaves(document.contents, [], lineOf));
  const parsed = schema.safeParse(said);
  if (parsed.success) return { value: parsed.data, lineOf, lines: written, flawed: [] };
  const flawed = parsed.error.issues.flatMap((issue) => {
    // An unknown key is reported by the section around it; the mistake belongs to the key itself.
    const paths = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    for (const path of paths) mistakes.push(mistakeAt(lineOf(path), path, issue.message));
    return paths;
  });
  const rest = schema.safeParse(flawed.reduce(without, said));
  return rest.success ? { value: rest.data, lineOf, lines: written, flawed } : undefined;
}

/** The document without what stands at the path; of a list nothing is kept, since its other places would move. */
function without(said: unknown, path: readonly PropertyKey[]): unknown {
  const [name, ...deeper] = path;
  if (name === undefined || said === null || typeof said !== "object") return said;
  const { [name as string]: value, ...others } = said as Record<string, unknown>;
  return deeper.length === 0 || typeof deeper[0] === "number" ? others : { ...others, [name]: without(value, deeper) };
}

export interface YamlDocument<T> {
  value: T;
  lineOf: LineOf;
  /** Every value that is written down, by its path, and its line. */
  lines: ReadonlyMap<string, number>;
  /** Where `value` lacks what the text says, because it was wrong. */
  flawed: readonly (readonly PropertyKey[])[];
}

export type LineOf = (path: readonly PropertyKey[]) => number;

export function mistakeAt(line: number, path: readonly PropertyKey[], message: string): string {
  return `line ${line}: ${path.length === 0 ? "the document" : formatPath(sayable(path))} ${message}`;
}

const saidUnderKeys: readonly PropertyKey[] = ["containment", "agents", "env", "file"];

/** Under `keys` a secret is easily pasted where a name belongs, so only our own words are said there; the line shows which one it is. */
function sayable(path: readonly PropertyKey[]): readonly PropertyKey[] {
  const [section, ...parts] = path;
  if (section !== "keys") return path;
  return [section, ...parts.map((part) => (saidUnderKeys.includes(part) ? part : "*"))];
}

/** Values, not sections; a section left empty says nothing. */
function* leaves(node: unknown, path: readonly (string | number)[], lineOf: LineOf): Generator<[string, number]> {
  if (isMap(node)) {
    for (const { key, value } of node.items)
      if (isScalar(key)) yield* leaves(value, [...path, String(key.value)], lineOf);
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) yield* leaves(item, [...path, index], lineOf);
  } else if (isAlias(node) || (isScalar(node) && node.value !== null)) yield [formatPath(path), lineOf(path)];
}

/** fleet.agents[2].caps.daily */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`,
    "",
  );
}

/** Where the path stands in the text: its key where there is one, else the nearest thing around it that is written down. */
function offsetOf(root: unknown, path: readonly PropertyKey[]): number {
  let node = root;
  let offset = isNode(root) ? (root.range?.[0] ?? 0) : 0;
  for (const part of path) {
    const pair = isMap(node)
      ? node.items.find((item) => isScalar(item.key) && String(item.key.value) === part)
      : undefined;
    const next = pair ? pair.value : (node as { items?: unknown[] } | undefined)?.items?.[part as number];
    const place = pair ? pair.key : next;
    if (!isNode(place)) break;
    offset = place.range?.[0] ?? offset;
    if (isAlias(next)) break;
    node = next;
  }
  return offset;
}
