import { useState } from "preact/hooks";
import { Badge } from "../../parts/badge.tsx";
import { Button } from "../../parts/button.tsx";
import { Card } from "../../parts/card.tsx";
import { Money } from "../../parts/money.tsx";
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

/** What became of each. A loop opens hundreds alike: the first dozen, and the rest when asked for. */
export function Escrows({ escrows }: { escrows: Incident["escrows"] }) {
  const [isAll, setAll] = useState(false);
  if (escrows.length === 0) return null;
  const sorted = [...escrows].sort((a, b) => order.indexOf(a.result) - order.indexOf(b.result));
  const shown = isAll ? sorted : sorted.slice(0, FIRST);
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
          {shown.map(({ escrowId, payee, amount, result, reason }) => (
            <tr key={escrowId}>
              <td>
                {payee || "unknown payee"}
                <span class="escrow-id mono">{escrowId}</span>
              </td>
              <td>
                <Badge tone={tones[result]}>{result}</Badge> <span class="muted small">{reason}</span>
              </td>
              <td class="amount">
                <Money amount={amount} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {sorted.length > shown.length && (
        <Button kind="quiet" onClick={() => setAll(true)}>
          Show all {sorted.length}
        </Button>
      )}
    </Card>
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
