import { useState } from "preact/hooks";
import { Badge } from "../../parts/badge.tsx";
import { Button } from "../../parts/button.tsx";
import { Card } from "../../parts/card.tsx";
import { Money } from "../../parts/money.tsx";
import { sumMoney } from "../../words/money.ts";
import { counted } from "../../words/names.ts";
import type { Tone } from "../../words/tone.ts";
import type { Incident } from "./answers.ts";

type Escrow = Incident["escrows"][number];

/** Those that still hold money first. */
const order: readonly Escrow["result"][] = ["held", "failed", "lost", "recovered", "skipped"];
const tones: Readonly<Record<Escrow["result"], Tone>> = {
  held: "danger",
  failed: "danger",
  lost: "danger",
  recovered: "ok",
  skipped: "quiet",
};
const FIRST = 12;

/** What became of each. A loop opens hundreds alike: those as one line, and each by itself when asked for. */
export function Escrows({ escrows }: { escrows: Incident["escrows"] }) {
  const [isAll, setAll] = useState(false);
  if (escrows.length === 0) return null;
  const sorted = [...escrows].sort((a, b) => order.indexOf(a.result) - order.indexOf(b.result));
  const folded = folds(sorted);
  const shown = isAll ? sorted.map((one) => ({ ...one, count: 1 })) : folded.slice(0, FIRST);
  return (
    <Card title="Escrows" aside={counts(escrows)}>
      <table class="table escrows">
        <thead>
          <tr>
            <th scope="col">Payee</th>
            <th scope="col">Result</th>
            <th scope="col" class="amount">
              Amount
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ escrowId, payee, amount, result, reason, count }) => (
            <tr key={escrowId}>
              <td>
                {payee || "unknown payee"}
                {count === 1 ? (
                  <span class="escrow-id mono">{escrowId}</span>
                ) : (
                  <span class="escrow-id">{count} escrows, together</span>
                )}
                <span class="muted small">{reason}</span>
              </td>
              <td>
                <Badge tone={tones[result]}>{result}</Badge>
              </td>
              <td class="amount">
                <Money amount={amount} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {!isAll && sorted.length > shown.filter(({ count }) => count === 1).length && (
        <Button kind="quiet" onClick={() => setAll(true)}>
          Show all {sorted.length}
        </Button>
      )}
    </Card>
  );
}

/** More than this of one payee with one end for one reason are one line: nobody reads the same sentence 300 times. */
const MOST_ALIKE = 3;

function folds(sorted: readonly Escrow[]): readonly (Escrow & { count: number })[] {
  const alike = Map.groupBy(sorted, ({ payee, result, reason }) => JSON.stringify([payee, result, reason]));
  return [...alike.values()].flatMap((all) =>
    all.length <= MOST_ALIKE
      ? all.map((one) => ({ ...one, count: 1 }))
      : [{ ...all[0]!, amount: sumMoney(all.map(({ amount }) => amount)), count: all.length }],
  );
}

function counts(escrows: readonly Escrow[]): string {
  const by = Map.groupBy(escrows, ({ result }) => result);
  const parts = order.flatMap((result) => {
    const found = by.get(result)?.length ?? 0;
    return found === 0 ? [] : [`${found} ${result}`];
  });
  return by.size === 1 ? `${counted(escrows.length, "escrow")}, ${parts[0]?.split(" ")[1]}` : parts.join(", ");
}
