import type { GatewayEvent } from "../../incident/event.ts";
import type { Finding, Rule, Trouble } from "./rule.ts";

/** What the gateway says of an agent's identity beside what we hold it to be. */
export interface IdentityView extends Trouble {
  reading: Extract<GatewayEvent["facts"], { kind: "identity" }>;
  /** source: the settings, or the first key that was seen. Null where neither names one. */
  pinned: { key: string; source: "settings" | "first-seen" } | null;
  at: number;
  eventId: string;
}

/** D7: another key speaks for the agent. Where no key is pinned or shown there is nothing to compare, and no signal (C4). */
export const publicKeyChanged: Rule<IdentityView> = {
  name: "public-key-changed",
  version: 1,
  signal: "identity-compromise",
  find(view) {
    const { reading, pinned } = view;
    if (pinned === null || reading.publicKey === null || reading.publicKey === pinned.key) return null;
    const sentence = "the gateway shows another public key; if that is meant, pin the new one as pinnedPublicKey";
    return finding(view, sentence, { pinnedPublicKey: pinned.key, pinnedBy: pinned.source });
  },
};

/** D7: the gateway says the identity is false. That it could verify nothing is neither healthy nor a compromise (C4). */
export const verificationInvalid: Rule<IdentityView> = {
  name: "verification-invalid",
  version: 1,
  signal: "identity-compromise",
  find(view) {
    if (view.reading.verification !== "invalid") return null;
    return finding(view, "the gateway says that the identity is invalid", { verification: "valid" });
  },
};

function finding({ reading, at, eventId }: IdentityView, sentence: string, thresholds: Finding["thresholds"]): Finding {
  return {
    severity: "critical",
    sentence,
    suspectPayee: null,
    thresholds,
    observed: { publicKey: reading.publicKey ?? "(none)", verification: reading.verification },
    baseline: null,
    entries: [{ at, eventId }],
  };
}
