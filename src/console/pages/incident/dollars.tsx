import type { ComponentChildren } from "preact";
import { atRisk } from "../../words/by-urgency.ts";
import { isZero, moneyText } from "../../words/money.ts";
import type { Tone } from "../../words/tone.ts";
import type { Told } from "./answers.ts";

/** How much money: what may still be saved, what is back, what is gone, and what never left. */
export function Dollars({ incident, document }: Told) {
  const { locked, recovered, lost } = incident.dollars;
  const risk = atRisk(incident);
  const prevented = document?.impact.prevented;
  return (
    <section class="dollars" aria-label="Money">
      <Figure label="At risk" amount={risk} tone={isZero(risk) ? "quiet" : "danger"}>
        of {moneyText(locked)} locked
      </Figure>
      <Figure label="Recovered" amount={recovered} tone={isZero(recovered) ? "quiet" : "ok"}>
        back in the wallet
      </Figure>
      <Figure label="Lost" amount={lost} tone={isZero(lost) ? "quiet" : "danger"}>
        paid out to payees
      </Figure>
      <Figure
        label={prevented?.amount != null && !isZero(prevented.amount) ? "Prevented, about" : "Prevented"}
        amount={prevented?.amount ?? null}
        tone="quiet"
      >
        {prevented ? (
          <details class="dollars-why">
            <summary>how this is reckoned</summary>
            <p>{prevented.why}</p>
            {prevented.assumptions.length > 0 && (
              <ul>
                {prevented.assumptions.map((one) => (
                  <li key={one}>{one}</li>
                ))}
              </ul>
            )}
          </details>
        ) : (
          "being reckoned"
        )}
      </Figure>
    </section>
  );
}

interface FigureProps {
  label: string;
  /** A decimal string; null: not known. */
  amount: string | null;
  tone: Tone;
  children: ComponentChildren;
}

function Figure({ label, amount, tone, children }: FigureProps) {
  return (
    <div class="figure" data-tone={tone}>
      <h2>{label}</h2>
      <p class="figure-amount">{amount === null ? "not known" : moneyText(amount)}</p>
      <div class="figure-more">{children}</div>
    </div>
  );
}
