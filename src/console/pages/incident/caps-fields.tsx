import { useState } from "preact/hooks";
import { Field } from "../../parts/field.tsx";
import type { Problem } from "../../server/request.ts";
import { isAmount } from "../../words/money.ts";

export interface Caps {
  daily: string;
  monthly: string;
}

/** As the API takes them: an amount, or "none". */
export const isCap = (text: string): boolean => text.trim().toLowerCase() === "none" || isAmount(text);

export const sentCaps = ({ daily, monthly }: Caps): Caps => ({ daily: sent(daily), monthly: sent(monthly) });
const sent = (text: string): string => text.trim().toLowerCase();

/** Whether a person must say the caps: as the incident tells, or from when the server asks until it says that it knows them. */
export function useAsksForCaps(problem: Problem | null, mustSay: boolean): boolean {
  const [was, setWas] = useState(false);
  const detail = problem?.kind === "conflict" ? problem.detail : "";
  const wasAsked = /\bdaily and monthly\b/.test(detail) || (was && !/\bleave caps out\b/.test(detail));
  if (wasAsked !== was) setWas(wasAsked);
  return mustSay || wasAsked;
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
