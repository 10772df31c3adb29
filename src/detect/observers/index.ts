import { accessObserver } from "./access.ts";
import { activityObserver } from "./activity.ts";
import { escrowObserver } from "./escrow.ts";
import { identityObserver } from "./identity.ts";
import type { Observer } from "./observer.ts";
import { sharedResourceObserver } from "./shared-resource.ts";
import { standingObserver } from "./standing.ts";
import { transactionObserver } from "./transaction.ts";

/** What looks at more than one event. A new one is its own file and one line here. */
export const observers: readonly Observer[] = [
  escrowObserver,
  transactionObserver,
  standingObserver,
  activityObserver,
  accessObserver,
  identityObserver,
  sharedResourceObserver,
];
