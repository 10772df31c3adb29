/** Writes docs/cli.md from the commands themselves; a test keeps the file in step. */
import { writeFileSync } from "node:fs";
import { buildProgram } from "../src/cli/program.ts";
import { cliReference } from "../src/cli/reference.ts";

writeFileSync(new URL("../docs/cli.md", import.meta.url), cliReference(buildProgram()));
