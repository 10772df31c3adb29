import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from "yaml";
import type { z } from "zod";
import { type Path, pathsOf, salvage } from "./salvage.ts";
import { TOO_MANY_ALIASES, UNKNOWN_ALIAS, yamlWords } from "./yaml-words.ts";

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
  // prettyErrors would quote the source; so would the warning of a key that is no text.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const lineAt = (offset: number) => lines.linePos(offset).line;
  const said = dataOf(document, lineAt, mistakes);
  if (said === undefined) return undefined;
  const lineOf: LineOf = (path) => lineAt(offsetOf(document.contents, path));
  const written = new Map(leaves(document.contents, [], lineOf));
  const parsed = schema.safeParse(said);
  if (parsed.success)
    return { value: parsed.data, said, lineOf, lines: written, flawed: [], place: (path: Path) => path };
  const flawed = parsed.error.issues.flatMap((issue) => {
    for (const path of pathsOf(issue)) mistakes.push(mistakeAt(lineOf(path), path, issue.message));
    return pathsOf(issue);
  });
  const rest = salvage(said, schema);
  return rest && { ...rest, said, lineOf, lines: written, flawed };
}

/** What the text says as data; undefined, with the mistakes, if it is no YAML. */
function dataOf(document: Document.Parsed, lineAt: (offset: number) => number, mistakes: string[]): unknown {
  const flaws = [...document.errors, ...document.warnings].map(({ pos: [at], code }) => [at, yamlWords[code]] as const);
  const aliases: [number, string][] = [];
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) === undefined) aliases.push([alias.range?.[0] ?? 0, UNKNOWN_ALIAS]);
    },
  });
  const found = [...flaws, ...aliases].map(([at, what]) => `line ${lineAt(at)}: not readable as YAML: ${what}`);
  mistakes.push(...new Set(found));
  if (found.length > 0) return undefined;
  try {
    return document.toJS() ?? {};
  } catch (error) {
    // So the library says that it would unfold to too much.
    if (!(error instanceof ReferenceError)) throw error;
    mistakes.push(`line 1: not readable as YAML: ${TOO_MANY_ALIASES}`);
    return undefined;
  }
}

export interface YamlDocument<T> {
  value: T;
  /** As it was written, before it was checked. */
  said: unknown;
  lineOf: LineOf;
  /** Every value that is written down, by its path, and its line. */
  lines: ReadonlyMap<string, number>;
  /** Where `value` lacks what the text says, because it was wrong. */
  flawed: readonly Path[];
  /** Where a path of `value` stands in the text. */
  place(path: Path): Path;
}

export type LineOf = (path: Path) => number;

export function mistakeAt(line: number, path: Path, message: string): string {
  return `line ${line}: ${path.length === 0 ? "the document" : formatPath(sayable(path))} ${message}`;
}

const saidUnderKeys: readonly PropertyKey[] = ["containment", "agents", "env", "file"];

/** Under `keys` a secret is easily pasted where a name belongs, so only our own words are said there; the line shows which one it is. */
function sayable(path: Path): readonly PropertyKey[] {
  const [section, ...parts] = path;
  if (section !== "keys") return path;
  return [section, ...parts.map((part) => (saidUnderKeys.includes(part) ? part : "*"))];
}

/** Values, not sections; a section left empty says nothing, an empty list says that there are none. */
function* leaves(node: unknown, path: readonly (string | number)[], lineOf: LineOf): Generator<[string, number]> {
  if (isMap(node)) {
    for (const { key, value } of node.items)
      if (isScalar(key)) yield* leaves(value, [...path, String(key.value)], lineOf);
  } else if (isSeq(node) && node.items.length > 0) {
    for (const [index, item] of node.items.entries()) yield* leaves(item, [...path, index], lineOf);
  } else if (isAlias(node) || isSeq(node) || (isScalar(node) && node.value !== null))
    yield [formatPath(path), lineOf(path)];
}

/** fleet.agents[2].caps.daily */
export function formatPath(path: Path): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`,
    "",
  );
}

/** Where the path stands in the text: its key where there is one, else the nearest thing around it that is written down. */
function offsetOf(root: unknown, path: Path): number {
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
