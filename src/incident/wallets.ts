/** Something about a wallet that agents share: one of them failed for lack of balance, or its balance was read. */
export interface WalletEntry {
  eventId: string;
  agentId: string;
  at: number;
  /** Decimal string; null: a failure. */
  balance: string | null;
}

/** What is known of wallets that agents share (D8). There is one window a wallet, whichever agents use it. */
export interface Wallets {
  /** Adds the entry, once, and answers all within nearMs of it, itself included, oldest first. */
  observe(wallet: string, entry: WalletEntry, nearMs: number): Promise<readonly WalletEntry[]>;
  /** Which trouble of each agent this is: for the ids of what is concluded. */
  troubles(agentIds: readonly string[]): Promise<ReadonlyMap<string, { epoch: number; observed: number }>>;
}
