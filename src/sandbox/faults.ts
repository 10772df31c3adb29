import { z } from "zod";

/**
 * What goes wrong on purpose. A rule names the calls it is for and what happens to them; rules are tried in the order they
 * were added and the first that applies is used. `before` and `after` say on which side of the effect the call dies.
 */
export const faultKinds = [
  "429",
  "500-before",
  "500-after",
  "timeout-late-effect",
  "reset-before",
  "reset-after",
  "slow-body",
  "503-html",
] as const;

const named = z.string().min(1);

export const faultRuleSchema = z
  .strictObject({
    /** tool: "cancel_escrow", "set_budget_cap", ... or "*"; `route` is the same by another name. Left-out parts match everything. */
    match: z
      .strictObject({
        tool: named.optional(),
        route: named.optional(),
        agentId: named.optional(),
        escrowId: named.optional(),
      })
      .default({}),
    kind: z.enum(faultKinds),
    /** How often the rule strikes; left out: for as long as it stands. */
    times: z.int().positive().optional(),
    /** Chance of striking, 0..1; left out: always. */
    probability: z.number().min(0).max(1).optional(),
    /** timeout-late-effect: when the effect lands (3,000). slow-body: how long the body takes (10,000). */
    lateMs: z.int().nonnegative().optional(),
  })
  .refine((rule) => rule.match.tool === undefined || rule.match.route === undefined, "name tool or route, not both");

export type FaultRule = z.infer<typeof faultRuleSchema>;

export interface StandingRule extends FaultRule {
  id: number;
  struck: number;
}

/** What one call is about, read from path, query and body before anything is decided. */
export interface Subject {
  tool: string;
  agentIds: readonly string[];
  escrowId: string | undefined;
}

export interface FaultBox {
  add(rule: FaultRule): StandingRule;
  list(): readonly StandingRule[];
  remove(id: number): boolean;
  clear(): void;
  /** The rule that strikes this call, counted as used. */
  strike(subject: Subject): StandingRule | undefined;
}

export function createFaultBox(random: () => number): FaultBox {
  let rules: StandingRule[] = [];
  let lastId = 0;
  return {
    add(rule) {
      lastId += 1;
      const standing = { ...rule, id: lastId, struck: 0 };
      rules.push(standing);
      return standing;
    },
    list: () => rules,
    remove(id) {
      const before = rules.length;
      rules = rules.filter((rule) => rule.id !== id);
      return rules.length < before;
    },
    clear() {
      rules = [];
    },
    strike(subject) {
      const rule = rules.find(
        (candidate) => !isSpent(candidate) && matches(candidate, subject) && random() < (candidate.probability ?? 1),
      );
      if (rule) rule.struck += 1;
      return rule;
    },
  };
}

function isSpent(rule: StandingRule): boolean {
  return rule.times !== undefined && rule.struck >= rule.times;
}

function matches({ match }: StandingRule, subject: Subject): boolean {
  const tool = match.tool ?? match.route ?? "*";
  return (
    (tool === "*" || tool === subject.tool) &&
    (match.agentId === undefined || subject.agentIds.includes(match.agentId)) &&
    (match.escrowId === undefined || match.escrowId === subject.escrowId)
  );
}
