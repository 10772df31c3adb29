import type { Command } from "commander";
import { incidents } from "./incidents.ts";
import { intake } from "./intake.ts";
import { worker } from "./worker.ts";

/** Every command, in the order `--help` shows them. */
export const commands: readonly ((program: Command) => void)[] = [worker, incidents, intake];
