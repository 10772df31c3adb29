import { checkpointDue } from "./learn/ledger/checkpoint.ts";
import type { Services } from "./services.ts";
import { startTicking } from "./ticking.ts";

const LEASE_MS = 5_000;

/** Beside the forensics workers: ledgers are hashed within seconds and signed within a minute, wherever they stood (G16). */
export function startLedgerTicker(services: Services): { stop(): void } {
  if (services.config.ledgerSigningKey === undefined)
    services.log.warn(
      {},
      "ledger.key-in-redis: LEDGER_SIGNING_KEY is not set, so the key that signs ledgers is kept in Redis: whoever may write there can sign too",
    );
  if (!["info", "debug", "trace"].includes(services.config.logLevel))
    services.log.warn(
      {},
      "ledger.no-anchors: LOG_LEVEL hides the lines ledger.checkpoint, which prove a ledger against Redis itself",
    );
  const round = async (partition: number) => void (await checkpointDue(services, partition));
  return startTicking(services, "ledger-ticker", [{ name: "ledger", leaseMs: LEASE_MS, round }]);
}
