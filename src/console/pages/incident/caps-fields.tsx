import { useState } from "preact/hooks";
import { Field } from "../../parts/field.tsx";
import type { Problem } from "../../server/request.ts";
import { isAmount, moneyText } from "../../words/money.ts";
import type { Incident } from "./answers.ts";

export interface Caps {
  daily: string;
  monthly: string;
}

/** Caps from before the freeze, as its first step wrote them down. null: nobody saw them. */
export function capsBefore({
  steps,
}: Pick<Incident, "steps">): { daily: string | null; monthly: string | null } | null {
  const found = steps.find(({ step, status }) => step === "record-budget-cap" && status === "done")?.result;
  if (!found || found.source === "unknown") return null;
  const text = (cap: unknown) => (typeof cap === "string" ? cap : null);
  return { daily: text(found.dailyCap), monthly: text(found.monthlyCap) };
}

export function capsText({ daily, monthly }: { daily: string | null; monthly: string | null }): string {
  const cap = (amount: string | null) =>
    amount === null ? "no cap" : isAmount(amount) ? moneyText(amount) : "a cap the gateway does not show";
  return `${cap(daily)} a day and ${cap(monthly)} a month`;
}

/** As the API takes them: an amount, or "none". */
export const isCap = (text: string): boolean => text.trim().toLowerCase() === "none" || isAmount(text);

export const sentCaps = ({ daily, monthly }: Caps): Caps => ({ daily: sent(daily), monthly: sent(monthly) });
const sent = (text: string): string => text.trim().toLowerCase();

/** Whether the server asks for the caps, from when it does until it says that it knows them. */
export function useAsksForCaps(problem: Problem | null): boolean {
  const [was, setWas] = useState(false);
  const detail = problem?.kind === "conflict" ? problem.detail : "";
  const asks = /\bdaily and monthly\b/.test(detail) || (was && !/\bleave caps out\b/.test(detail));
  if (asks !== was) setWas(asks);
  return asks;
}

interface CapsFieldsProps {
  value: Caps;
  onInput(caps: Caps): void;
  problem: Problem | null;
  hint: string;
}

export function CapsFields({ value, onInput, problem, hint }: CapsFieldsProps) {
  return (
    <fieldset class="caps">
      <legend>Budget caps from before</legend>
      <p class="field-hint">{hint}</p>
      <div class="form-pair">
        <Field
          label="Daily"
          name="caps.daily"
          kind="money"
          value={value.daily}
          onInput={(daily) => onInput({ ...value, daily })}
          problem={problem}
          mistake={mistakeIn(value.daily)}
          placeholder="500.00 or none"
          isRequired
        />
        <Field
          label="Monthly"
          name="caps.monthly"
          kind="money"
          value={value.monthly}
          onInput={(monthly) => onInput({ ...value, monthly })}
          problem={problem}
          mistake={mistakeIn(value.monthly)}
          placeholder="10000.00 or none"
          isRequired
        />
      </div>
    </fieldset>
  );
}

/** Not while it is being written. */
const mistakeIn = (text: string): string | null =>
  text.trim() === "" || isCap(text) || "none".startsWith(text.trim().toLowerCase())
    ? null
    : 'must be an amount such as 500.00, or "none"';
