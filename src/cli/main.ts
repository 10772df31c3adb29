import { enableCompileCache, flushCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

/** A process that is killed writes nothing at its end, so it is written when everything is surely loaded. */
const WRITTEN_AFTER_MS = 5_000;

// Two thirds of a start are compiling: what was compiled is kept for the next one. Where nothing can be written it is done without.
enableCompileCache(fileURLToPath(new URL("../../node_modules/.cache/tourniquet", import.meta.url)));
setTimeout(flushCompileCache, WRITTEN_AFTER_MS).unref();
const { run } = await import("./program.ts");
await run(process.argv.slice(2));
