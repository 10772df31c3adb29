import { escrowObserver } from "./escrow.ts";
import type { Observer } from "./observer.ts";

/** What looks at more than one event. A new one is its own file and one line here. */
export const observers: readonly Observer[] = [escrowObserver];
