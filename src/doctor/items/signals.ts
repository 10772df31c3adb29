import type { SignalKind } from "../../incident/signal.ts";
import type { LookMemory } from "../../incident/watch.ts";
import { servicesOf } from "../doctor.ts";
import { fail, type Item, ok, warn } from "../item.ts";
import { lasting, some, watchedAgents } from "../watched.ts";

/** What polling reads (detect/watch/). */
type Read = "budget" | "escrows" | "transactions" | "balance" | "identity" | "reputation";
interface Feeds {
  /** Types of event, by the name that is ours; whoever sends them. */
  events: readonly string[];
  read: Read | null;
  /** A fleet whose platform tells nothing of its agents can be well without. */
  isTelemetry?: true;
}

/** What a rule needs to see before it can conclude anything. */
export const feeds: Readonly<Record<Exclude<SignalKind, "fleet-shutdown" | "containment-order">, Feeds>> = {
  "budget-exhaustion": { events: ["budget_threshold"], read: "budget" },
  "budget-warning": { events: ["budget_threshold"], read: "budget" },
  "cost-anomaly": { events: ["escrow_state_change", "transaction_recorded"], read: "escrows" },
  "escrow-burst": { events: ["escrow_state_change"], read: "escrows" },
  "payee-concentration": { events: ["escrow_state_change"], read: "escrows" },
  "cancellation-rate": { events: ["escrow_state_change"], read: "escrows" },
  "reputation-drift": { events: ["reputation_change", "reputation_reading"], read: "reputation" },
  "identity-compromise": { events: ["identity_reading", "auth"], read: "identity" },
  "shared-resource-exhausted": { events: ["balance_reading", "error"], read: "balance" },
  "tool-call-burst": { events: ["tool_call"], read: null, isTelemetry: true },
  "suspicious-tool-sequence": { events: ["tool_call"], read: null, isTelemetry: true },
  "data-exfiltration": { events: ["tool_call"], read: null, isTelemetry: true },
  "error-spike": { events: ["error"], read: null, isTelemetry: true },
  // A check that fails is told by whoever makes the checks.
  "detection-failure": { events: [], read: "budget" },
};

/** An event of a day ago says that the way is open; polling must have looked within three of its longest intervals. */
const FRESH_MS = 86_400_000;
const INTERVALS = 3;

export const signals: Item = {
  id: "signals",
  section: "detection",
  title: "each signal is fed: by webhook, poll or telemetry",
  deadlineMs: 5_000,
  async measure(ports) {
    const { agentWatch, fleetWatch, clock, settings } = servicesOf(ports);
    const [agents, fed, now] = await Promise.all([
      watchedAgents(settings, { agentWatch }),
      fleetWatch.fed(),
      clock.now(),
    ]);
    const [looked, memories] = await Promise.all([agentWatch.looked(agents), agentWatch.memories(agents)]);
    const freshMs = INTERVALS * settings.watch.lowValueEveryMs;
    const polledAt = (read: Read) =>
      Math.max(0, ...looked.map(({ wholeAt }, index) => (succeeds(memories[index], read) ? wholeAt : 0)));
    // A watch worker that has just begun takes up to an interval for its first look at each; what it will read is not silent yet.
    const mayStillBeLookedAt = looked.some(({ wholeAt }, index) => !memories[index] && now - wholeAt <= freshMs);
    const found = Object.entries(feeds).map(([signal, { events, read, isTelemetry = false }]) => {
      const by = sourcesOf(events, fed);
      const pollAt = read === null ? 0 : polledAt(read);
      const isAlive = now - pollAt <= freshMs || by.some(({ at }) => now - at <= FRESH_MS);
      const isYoung = !isAlive && read !== null && mayStillBeLookedAt;
      return {
        signal,
        isAlive,
        isYoung,
        isTelemetry,
        by: [...by, ...(pollAt > 0 ? [{ source: "polling", at: pollAt }] : [])],
      };
    });
    const detail = found.map(({ signal, isAlive, by }) => ({ signal, isAlive, fed: by }));
    const lines = found.map(({ signal, by, isAlive }) => `${isAlive ? " " : "!"} ${signal}: ${told(by, now)}`);
    const silent = found.filter(({ isAlive }) => !isAlive);
    const count = `${found.length - silent.length} of ${found.length} are fed`;
    const more = { lines, detail };
    const deaf = silent.filter(({ isTelemetry, isYoung }) => !isTelemetry && !isYoung).map(({ signal }) => signal);
    if (deaf.length > 0)
      return fail(
        `${count}; silent: ${some(deaf, 20)}`,
        "Register the webhook (npx tourniquet register), start the watch worker, and name your agents in the settings",
        more,
      );
    if (silent.length === 0) return ok(count, more);
    const young = silent.filter(({ isYoung }) => isYoung).map(({ signal }) => signal);
    if (young.length > 0)
      return warn(
        `${count}; not yet: ${some(young, 20)}`,
        `Ask again in ${lasting(freshMs)}: the watch worker has only begun, and has not looked at every agent yet`,
        more,
      );
    const names = some(
      silent.map(({ signal }) => signal),
      20,
    );
    return warn(
      `${count}; silent: ${names}`,
      "Have the platform that runs your agents tell of them (docs/agent-activity.md), or live without these signals",
      more,
    );
  },
};

const words = { webhook: "webhook", activity: "telemetry", poller: "poll", bus: "event bus" } as const;

function sourcesOf(events: readonly string[], fed: ReadonlyMap<string, number>): { source: string; at: number }[] {
  return events.flatMap((event) =>
    Object.entries(words).flatMap(([source, word]) => {
      const at = fed.get(`${event} ${source}`);
      return at === undefined ? [] : [{ source: `${event} by ${word}`, at }];
    }),
  );
}

/** A read that failed at its last look feeds nothing. */
function succeeds(memory: LookMemory | null | undefined, read: Read): boolean {
  return memory != null && (memory.failed[read] ?? 0) === 0;
}

function told(by: readonly { source: string; at: number }[], now: number): string {
  const newest = [...by].sort((a, b) => b.at - a.at).map(({ source, at }) => `${source} ${lasting(now - at)} ago`);
  return newest.length === 0 ? "never" : newest.join(", ");
}
