import { ordinaryBusiness, trader } from "./ordinary.ts";
import type { Scenario } from "./scenario.ts";

/** The gateway replaces a key silently and keeps the date: only the pinned key tells that somebody else is at the wheel. */
export const identityTakeover: Scenario = {
  name: "identity-takeover",
  story: "Somebody uploads a key of theirs for broker-03 and begins to spend, a little at a time.",
  speed: 20,
  agents: [trader("broker-03", { publicKey: "5a".repeat(32) }), trader("ledger-01", { publicKey: "c3".repeat(32) })],
  switches: { watchEveryMs: 1_000 },
  acts: [
    { atMs: 0, does: "open", payer: "broker-03", payee: "clearing-house", amount: "640.00" },
    { atMs: 20_000, does: "upload-key", agentId: "broker-03", publicKey: "0e".repeat(32) },
    { atMs: 24_000, does: "open", payer: "broker-03", payee: "new-friend", amount: "180.00" },
    { atMs: 32_000, does: "open", payer: "broker-03", payee: "new-friend", amount: "195.00" },
    { atMs: 45_000, does: "open", payer: "broker-03", payee: "other-friend", amount: "230.00" },
    ...ordinaryBusiness("ledger-01", { fromMs: 1_000, everyMs: 10_000, count: 3 }),
  ],
  expected: {
    signal: "identity-compromise",
    isSingleCause: true,
    frozen: ["broker-03"],
    comesBack: [{ payer: "broker-03" }],
  },
};
