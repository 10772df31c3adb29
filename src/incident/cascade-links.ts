import type { CascadeSignal } from "./cascade.ts";

/**
 * What two signals can have in common, as texts that both carry. A mark that two agents share links them; `pays:x` links to
 * `self:x`, the agent that is paid, and not to others who pay it: two customers of one supplier have no common trouble. And
 * `draws:w` links to `wallet:w`, and not to others who draw on it: two agents at 80 % in the evening are two agents at work.
 */
export const marks = {
  /** Of a critical signal only: a mere warning needs a better reason than the time (field notes: a cascade needs a shared cause). */
  critical: () => "critical",
  self: (agentId: string) => `self:${agentId}`,
  pays: (payee: string) => `pays:${payee}`,
  suspect: (payee: string) => `suspect:${payee}`,
  wallet: (wallet: string) => `wallet:${wallet}`,
  /** Of a budget that is running low, which is no trouble by itself. */
  draws: (wallet: string) => `draws:${wallet}`,
  prompt: (prompt: string) => `prompt:${prompt}`,
  tool: (tool: string) => `tool:${tool}`,
} as const;

/** Under which marks others are looked for. nearest: all of one mark are linked to each other, so their neighbours in time do. */
export function looksFor(own: readonly string[]): { nearest: readonly string[]; all: readonly string[] } {
  const nearest = own.filter(linksItsOwn);
  const all = own.flatMap((mark) => {
    const counterpart = counterpartOf(mark);
    return counterpart === null ? [] : [counterpart];
  });
  return { nearest, all };
}

const counterparts: Readonly<Record<string, string>> = { pays: "self", self: "pays", draws: "wallet", wallet: "draws" };

function counterpartOf(mark: string): string | null {
  const [kind = "", ...name] = mark.split(":");
  const counterpart = counterparts[kind];
  return counterpart === undefined ? null : [counterpart, ...name].join(":");
}

/** Whether two agents that carry this mark are linked by it. */
function linksItsOwn(mark: string): boolean {
  return !mark.startsWith("pays:") && !mark.startsWith("draws:");
}

/** Why two agents belong together that have nothing in common but when it happened. */
export const SAME_TIME = "same time";

/** Why two agents belong together; `to` is the one whose signal is the earlier. */
export interface CascadeEdge {
  from: string;
  to: string;
  why: string;
  /** Set where one pays the other: which of the two. It depends on the one it pays, whoever signalled first. */
  payer?: string;
}

/**
 * Every reason by which these signals hang together, the same for any order of arrival: along each mark from one agent to the
 * one before it in time, and from each payer to whom it pays.
 */
export function edgesOf(signals: readonly CascadeSignal[], windowMs: number): readonly CascadeEdge[] {
  const sorted = [...signals].sort((a, b) => a.at - b.at || (a.signalId < b.signalId ? -1 : 1));
  const edges = new Map<string, CascadeEdge>();
  const add = (later: CascadeSignal, earlier: CascadeSignal, mark: string) => {
    const payer = payerOf(mark, later, earlier);
    const edge = { from: later.agentId, to: earlier.agentId, why: reasonOf(mark), ...(payer && { payer }) };
    edges.set(JSON.stringify(edge), edge);
  };
  for (const [index, signal] of sorted.entries()) {
    const before = sorted
      .slice(0, index)
      .reverse()
      .filter(({ agentId, at }) => agentId !== signal.agentId && signal.at - at <= windowMs);
    for (const mark of signal.marks) {
      const counterpart = counterpartOf(mark);
      if (counterpart !== null)
        for (const earlier of before) if (earlier.marks.includes(counterpart)) add(signal, earlier, mark);
      const earlier = linksItsOwn(mark) ? before.find((one) => one.marks.includes(mark)) : undefined;
      if (earlier) add(signal, earlier, mark);
    }
  }
  return [...edges.values()];
}

function payerOf(mark: string, later: CascadeSignal, earlier: CascadeSignal): string | undefined {
  if (mark.startsWith("pays:")) return later.agentId;
  return mark.startsWith("self:") ? earlier.agentId : undefined;
}

function reasonOf(mark: string): string {
  const [kind = "", ...rest] = mark.split(":");
  const name = rest.join(":");
  const texts: Readonly<Record<string, string>> = {
    critical: SAME_TIME,
    self: `paid by the other: ${name}`,
    pays: `pays ${name}`,
    suspect: `same suspect payee ${name}`,
    wallet: `shared wallet ${name}`,
    draws: `shared wallet ${name}`,
    prompt: `same prompt ${name}`,
    tool: `same tool ${name}`,
  };
  return texts[kind] ?? mark;
}
