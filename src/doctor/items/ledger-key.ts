import { type Item, ok, warn } from "../item.ts";

/** F5: who may write to Redis must not be able to sign as well. */
export const ledgerKey: Item = {
  id: "ledger-key",
  section: "forensics",
  title: "ledgers are signed with a key of yours",
  deadlineMs: 1_000,
  async measure({ config }) {
    if (config.ledgerSigningKey !== undefined) return ok("LEDGER_SIGNING_KEY signs");
    return warn(
      "the key was made by the product and lies in Redis, beside what it signs",
      "Set LEDGER_SIGNING_KEY or LEDGER_SIGNING_KEY_FILE: openssl genpkey -algorithm ed25519 makes one (docs/ledger.md)",
    );
  },
};
