/** A story as data: who is there, what each does, at which tempo. Amounts are decimal strings. */
export interface Scenario {
  name: string;
  /** One sentence for whoever watches. */
  story: string;
  /** Agents naming the same wallet share its money. */
  agents: readonly {
    agentId: string;
    walletId: string;
    balance: string;
    dailyCap: string | null;
    monthlyCap: string | null;
  }[];
  /** Ordinary business before the trouble begins. */
  before: readonly { payer: string; payee: string; amount: string }[];
  /** The retry loop, at the tempo of the real night. */
  loop: { payer: string; payee: string; amount: string; attempts: number; everyMs: number };
}
