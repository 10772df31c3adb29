import { readFileSync } from "node:fs";

/**
 * A secret from the variable `name`, or from the file that `<name>_FILE` names (how Docker and systemd hand secrets over).
 * Undefined if neither is set. A mistake is added to the list, and never repeats what was read.
 */
export function readSecret(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
  mistakes: string[],
): string | undefined {
  const path = env[`${name}_FILE`]?.trim();
  const value = env[name]?.trim();
  if (path && value) {
    mistakes.push(`${name} and ${name}_FILE are both set; keep one of them`);
    return undefined;
  }
  if (!path) return value || undefined;
  const { content, flaw } = readSecretFile(path);
  if (flaw) mistakes.push(`${name}_FILE names ${path}, which ${flaw}`);
  return content;
}

/** The content of a secret's file without the line break at its end, or what is wrong with it: it never says the path. */
export function readSecretFile(path: string): { content?: string; flaw?: string } {
  try {
    const content = readFileSync(path, "utf8").trim();
    return content === "" ? { flaw: "is empty" } : { content };
  } catch (error) {
    return { flaw: `cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
}
