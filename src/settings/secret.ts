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
  return path ? readSecretFile(`${name}_FILE`, path, mistakes) : value || undefined;
}

/** The content of a secret's file without the line break at its end. `subject` opens the mistake, if there is one. */
export function readSecretFile(subject: string, path: string, mistakes: string[]): string | undefined {
  try {
    const content = readFileSync(path, "utf8").trim();
    if (content === "") mistakes.push(`${subject} names ${path}, which is empty`);
    return content || undefined;
  } catch (error) {
    mistakes.push(`${subject} names ${path}, which cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return undefined;
  }
}
