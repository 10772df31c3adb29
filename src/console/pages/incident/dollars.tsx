import type { ComponentChildren } from "preact";
import type { SpendSeries } from "../../../incident/spend.ts";
import { useServer } from "../../server/use-server.ts";
import { isZero, moneyText } from "../../words/money.ts";
import { isAnyAtRisk } from "../../words/risk.ts";
import { isOpen } from "../../words/standing.ts";
import type { Tone } from "../../words/tone.ts";
import type { Told } from "./answers.ts";

/** How much money: what may still be saved, what is back, what is gone, and what never left. */
export function Dollars({ incident, document }: Told) {
  const { locked, recovered, lost, atRisk, isCounted } = incident.dollars;
  const isRead = incident.escrowsCountedAt !== null;
  const prevented = document?.impact.prevented;
  return (
    <section class="dollars" aria-label="Money">
      <Figure
        label={isCounted || atRisk === null ? "At risk" : "At risk, at least"}
        amount={atRisk}
        unknown="not counted"
        tone={isAnyAtRisk(incident.dollars) ? "danger" : "quiet"}
      >
        {isCounted ? `of ${moneyText(locked)} locked` : <NotCounted incident={incident} />}
      </Figure>
      <Figure label="Recovered" amount={recovered} tone={isZero(recovered) ? "quiet" : "ok"}>
        back in the wallet
      </Figure>
      <Figure
        label="Lost"
        amount={isRead || !isZero(lost) ? lost : null}
        unknown="not counted"
        tone={isZero(lost) ? "quiet" : "danger"}
      >
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

/** A zero that nobody counted is not shown as one. */
function whyNotCounted({ status, escrowsCountedAt }: Told["incident"]): string {
  if (status === "detected" || status === "containing")
    return escrowsCountedAt === null ? "its escrows are not all read yet" : "it is not frozen yet: more may have gone";
  return status === "observed"
    ? "its escrows could not be read yet"
    : "its escrows were not read: they are left as they are";
}

/** Until they are read, what is known of its money is what it spent. */
function NotCounted({ incident }: Pick<Told, "incident">) {
  const isKnown = incident.escrowsCountedAt !== null || !isOpen(incident);
  const { data } = useServer<SpendSeries>(
    isKnown ? null : `/api/incidents/${encodeURIComponent(incident.id)}/spend`,
    ({ topic, id }) => topic === "incident" && (id === null || id === incident.id),
  );
  const spent = data?.points.at(-1)?.total;
  return (
    <>
      {whyNotCounted(incident)}
      {spent !== undefined && !isZero(spent) && `; it spent ${moneyText(spent)} since an hour before the alarm`}
    </>
  );
}

interface FigureProps {
  label: string;
  /** A decimal string; null: not known. */
  amount: string | null;
  unknown?: string;
  tone: Tone;
  children: ComponentChildren;
}

function Figure({ label, amount, unknown = "not known", tone, children }: FigureProps) {
  return (
    <div class="figure" data-tone={tone}>
      <h2>{label}</h2>
      <p class="figure-amount">{amount === null ? unknown : moneyText(amount)}</p>
      <div class="figure-more">{children}</div>
    </div>
  );
}
