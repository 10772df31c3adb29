import type { KeySource, SettingsDocument } from "./schema.ts";
import { readSecret, readSecretFile } from "./secret.ts";
import type { Environment, Settings } from "./settings.ts";
import { type LineOf, mistakeAt } from "./yaml-document.ts";

/** O9: key values from the variables and files that the document names. A mistake repeats nothing of it: a key may stand there. */
export function readKeys(
  document: SettingsDocument,
  lineOf: LineOf,
  env: Environment | null,
  mistakes: string[],
): Settings["keys"] {
  const read = (path: string[], source: KeySource): string | undefined => {
    if (env === null) return undefined;
    const { key, flaw } = source.env === undefined ? fromFile(source.file!) : fromVariable(source.env, env);
    const place = [...path, source.env === undefined ? "file" : "env"];
    if (flaw) mistakes.push(mistakeAt(lineOf(place), place, flaw));
    return key;
  };
  const { containment, agents } = document.keys ?? {};
  return {
    containment: containment && read(["keys", "containment"], containment),
    agents: new Map(
      Object.entries(agents ?? {}).map(([id, source]) => [id, read(["keys", "agents", id], source) ?? ""]),
    ),
  };
}

interface Read {
  key?: string | undefined;
  flaw?: string;
}

function fromFile(path: string): Read {
  const { content, flaw } = readSecretFile(path);
  return flaw ? { flaw: `names a file that ${flaw}` } : { key: content };
}

function fromVariable(name: string, env: Environment): Read {
  const flaws: string[] = [];
  const key = readSecret(name, env, flaws);
  if (key !== undefined) return { key };
  if (flaws.length === 0) return { flaw: "names a variable that is not set" };
  const isTwice = Boolean(env[name]?.trim());
  return {
    flaw: isTwice
      ? "names a variable that is set beside its _FILE variable; keep one of them"
      : "names a variable whose _FILE variable names a file that is empty or cannot be read",
  };
}

/** Where each key is read from, for people: the name of a variable or the path of a file, never the key. */
export function keySources({ keys }: SettingsDocument): Map<string, string> {
  const said = [
    ...(keys?.containment ? [["containment", keys.containment] as const] : []),
    ...Object.entries(keys?.agents ?? {}),
  ];
  return new Map(said.map(([name, { env, file }]) => [name, env === undefined ? `file ${file}` : `variable ${env}`]));
}
