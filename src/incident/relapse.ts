import type { Signal } from "./signal.ts";

/** The rule by which a recovery itself concludes that the agent must be contained anew. */
export const RELAPSE = "recovery-relapse";

/** How the sentence begins of caps that were found above the standing rung, and of those that were so as the first one was read back. */
export const CAPS_RAISED = "somebody raised its caps";
export const CAPS_ABOVE = "the caps are above";

export interface Relapse {
  /** The incident whose recovery it ended. */
  recovering: string;
  /** Somebody raised the caps; otherwise something was seen of the agent, or what was set could not be proved. */
  isCapsRaised: boolean;
}

/** What a signal says of a recovery that ended by it; null where it says something else. */
export function relapseOf({ why: { rule, sentence, observed } }: Pick<Signal, "why">): Relapse | null {
  if (rule !== RELAPSE) return null;
  return {
    recovering: String(observed.recovering ?? ""),
    isCapsRaised: [CAPS_RAISED, CAPS_ABOVE].some((words) => sentence.includes(words)),
  };
}
