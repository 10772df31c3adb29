import { consoleLog } from "./console-log.ts";
import type { Notifier } from "./notifier.ts";

export const notifiers: readonly Notifier[] = [consoleLog];
