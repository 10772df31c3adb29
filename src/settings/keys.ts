import type { KeySource, SettingsDocument } from "./schema.ts";
import { readSecret, readSecretFile } from "./secret.ts";
import type { Environment, Settings } from "./settings.ts";
import { type LineOf, mistakeAt } from "./yaml-document.ts";

/** O9: key values from the variables and files that the document names. A mistake names the place, never the value. */
export function readKeys(
  document: SettingsDocument,
  lineOf: LineOf,
  env: Environment,
  mistakes: string[],
): Settings["keys"] {
  const read = (path: string[], source: KeySource): string | undefined => {
    const flaws: string[] = [];
    const key = source.env === undefined ? readSecretFile("", source.file!, flaws) : readSecret(source.env, env, flaws);
    if (key === undefined && flaws.length === 0) flaws.push(`names the variable ${source.env}, which is not set`);
    for (const flaw of flaws) mistakes.push(mistakeAt(lineOf(path), path, flaw.trim()));
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

/** Where each key is read from, for people: the name of a variable or the path of a file, never the key. */
export function keySources({ keys }: SettingsDocument): Map<string, string> {
  const said = [
    ...(keys?.containment ? [["containment", keys.containment] as const] : []),
    ...Object.entries(keys?.agents ?? {}),
  ];
  return new Map(said.map(([name, { env, file }]) => [name, env === undefined ? `file ${file}` : `variable ${env}`]));
}
