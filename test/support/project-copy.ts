import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** This project in a folder of its own, where an `npm start` finds no other one: neither that of a person nor that of another test. */
export function projectCopy(): { root: string; remove(): void } {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "tourniquet-copy-")));
  for (const part of ["src", "package.json"]) cpSync(join(repository, part), join(root, part), { recursive: true });
  symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}
