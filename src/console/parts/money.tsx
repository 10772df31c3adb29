import { moneyText } from "../words/money.ts";

/** A decimal string of the gateway, tabular; null: not known. */
export function Money({ amount }: { amount: string | null }) {
  return <span class="money">{amount === null ? "not known" : moneyText(amount)}</span>;
}
