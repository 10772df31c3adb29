import type { z } from "zod";

export type Path = readonly PropertyKey[];

/** What is right of a document that has mistakes, so that the rest can be checked in the same go. */
export interface Salvaged<T> {
  value: T;
  /** Where a path of `value` stands in the text: elements of lists move up when one before them is left out. */
  place(path: Path): Path;
}

/**
 * Leaves out what is wrong: a value; where nothing is right without it, what is around it. Of a list only the elements that are
 * wrong go. Undefined where nothing remains.
 */
export function salvage<S extends z.ZodType>(said: unknown, schema: S): Salvaged<z.output<S>> | undefined {
  const kept = new Map<string, number[]>();
  for (let rest = said; ; ) {
    const parsed = schema.safeParse(rest);
    if (parsed.success) return { value: parsed.data, place: (path) => placeOf(path, kept) };
    const wrong = parsed.error.issues.flatMap(pathsOf).map((path) => nearest(rest, path));
    if (wrong.some((path) => path.length === 0)) return undefined;
    for (const path of wrong.filter((one) => !isElement(one))) rest = edit(rest, path.slice(0, -1), withoutKey(path));
    rest = withoutElements(rest, wrong.filter(isElement), kept);
  }
}

/** An unknown key is reported by the section around it; the mistake belongs to the key itself. */
export function pathsOf(issue: z.core.$ZodIssue): Path[] {
  return issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
}

/** The path, or the nearest thing around it that is there; of lists in lists the outer element. */
function nearest(tree: unknown, path: Path): Path {
  const [, second] = path.flatMap((part, index) => (typeof part === "number" ? [index] : []));
  let node = tree;
  for (const [index, part] of path.slice(0, second).entries()) {
    if (node === null || typeof node !== "object" || !Object.hasOwn(node, part)) return path.slice(0, index);
    node = (node as Record<PropertyKey, unknown>)[part];
  }
  return path.slice(0, second);
}

const isElement = (path: Path): boolean => typeof path.at(-1) === "number";

const withoutKey = (path: Path) => (section: unknown) => {
  const { [path.at(-1) as string]: _, ...others } = section as Record<string, unknown>;
  return others;
};

function withoutElements(tree: unknown, elements: readonly Path[], kept: Map<string, number[]>): unknown {
  const lists = new Map(elements.map((path) => [keyOf(path.slice(0, -1)), path.slice(0, -1)]));
  return [...lists].reduce((rest, [key, listPath]) => {
    const gone = new Set(elements.filter((path) => keyOf(path.slice(0, -1)) === key).map((path) => path.at(-1)));
    return edit(rest, listPath, (list) => {
      const left = [...(list as unknown[]).keys()].filter((index) => !gone.has(index));
      const before = kept.get(key);
      kept.set(key, before ? left.map((index) => before[index]!) : left);
      return left.map((index) => (list as unknown[])[index]);
    });
  }, tree);
}

function placeOf(path: Path, kept: ReadonlyMap<string, readonly number[]>): Path {
  const at = path.findIndex((part) => typeof part === "number");
  const original = kept.get(keyOf(path.slice(0, at)))?.[path[at] as number];
  return original === undefined ? path : path.with(at, original);
}

const keyOf = (path: Path): string => JSON.stringify(path);

/** A copy in which what stands at the path is changed; the rest is shared. Where there is no such place any more it is the same. */
function edit(tree: unknown, path: Path, change: (node: unknown) => unknown): unknown {
  const [part, ...deeper] = path;
  if (tree === null || typeof tree !== "object") return tree;
  if (part === undefined) return change(tree);
  const inner = edit((tree as Record<PropertyKey, unknown>)[part], deeper, change);
  return Array.isArray(tree) ? tree.with(part as number, inner) : { ...tree, [part]: inner };
}
