import { byHandIn } from "../../../incident/by-hand.ts";
import { stepName } from "../../../incident/step-name.ts";
import { Badge } from "../../parts/badge.tsx";
import { Card } from "../../parts/card.tsx";
import { When } from "../../parts/when.tsx";
import { capsTold } from "../../words/caps.ts";
import { fieldName, fieldText } from "../../words/fields.ts";
import { at } from "../../words/time.ts";
import type { Incident, Told } from "./answers.ts";

type Step = Incident["steps"][number];

/** What was done, each with what it came to; the receipt is one press away. */
export function Steps({ incident, document }: Told) {
  const { steps } = incident;
  const done = steps.filter(({ status }) => status === "done").length;
  return (
    <Card title="Steps" aside={`${done} of ${steps.length} done`}>
      {steps.length === 0 && <p class="muted">Nothing was done yet.</p>}
      <ol class="steps">
        {steps.map((step) => (
          <One key={step.step} step={step} outcome={capsOutcome(step, incident) ?? outcomeOf(step, document)} />
        ))}
      </ol>
    </Card>
  );
}

/** As the document's timeline tells it, by the step's own name: several are done within one millisecond. */
function outcomeOf({ step, status }: Step, document: Told["document"]): string | null {
  if (status !== "done") return null;
  return document?.timeline.entries.find((entry) => entry.what === "step-done" && entry.step === step)?.text ?? null;
}

/** What was written down may have been corrected since: the gateway is asked beside the freeze. */
function capsOutcome({ step, status }: Step, { caps }: Incident): string | null {
  const told = step === "record-budget-cap" && status === "done" && caps?.isTaken ? capsTold(caps) : null;
  return told && `Budget caps from before: ${told.caps}, ${told.source}.`;
}

function One({ step, outcome }: { step: Step; outcome: string | null }) {
  const { status, result, at: doneAt } = step;
  return (
    <li>
      <div class="step-head">
        <Mark step={step} />
        <span class="step-name">{stepName(step.step)}</span>
        {doneAt !== null && (
          <span class="muted small">
            <When at={at(doneAt)} as="clock" />
          </span>
        )}
      </div>
      {outcome !== null && <p class="step-outcome">{outcome}</p>}
      {result !== null && Object.keys(result).length > 0 && (
        <details class="more">
          <summary>{status === "done" ? "Receipt" : "What is known"}</summary>
          <dl class="facts">
            {Object.entries(result).map(([name, value]) => (
              <div key={name}>
                <dt>{fieldName(name)}</dt>
                <dd>{fieldText(name, value)}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </li>
  );
}

function Mark({ step }: { step: Step }) {
  if (step.result?.would !== undefined)
    return (
      <Badge icon="eye" tone="quiet">
        would have
      </Badge>
    );
  if (byHandIn({ ...step, at: null }).length > 0)
    return (
      <Badge icon="person" tone="warn">
        by hand
      </Badge>
    );
  if (step.status === "done")
    return (
      <Badge icon="check" tone="ok">
        done
      </Badge>
    );
  return step.status === "failed" ? (
    <Badge icon="alert" tone="danger">
      failed
    </Badge>
  ) : (
    <Badge icon="hourglass" tone="quiet">
      to come
    </Badge>
  );
}
