import { useState } from "preact/hooks";
import type { z } from "zod";
import type { recoveringAlreadyShape, recoveryAskedShape } from "../../../http/api/shapes/order.ts";
import { Field } from "../../parts/field.tsx";
import { OrderForm, useBy } from "../../parts/order-form.tsx";
import { useAction } from "../../server/use-action.ts";
import { capsText, capsTold, mustSay } from "../../words/caps.ts";
import { lasting } from "../../words/time.ts";
import type { DeedFormProps } from "./acknowledge-form.tsx";
import type { CapsToGiveBack, Incident } from "./answers.ts";
import { type Caps, CapsFields, isCap, sentCaps, useAsksForCaps } from "./caps-fields.tsx";

/** Asked again while one runs, the answer tells of that one. */
type Asked = z.output<typeof recoveryAskedShape> | z.output<typeof recoveringAlreadyShape>;

/** What was wrong, how it was mended; and before anything, which money the agent gets back when. */
export function RecoverForm({ incident, onDone, onCancel }: DeedFormProps) {
  const by = useBy();
  const action = useAction<Asked>();
  const [rootCause, setRootCause] = useState("");
  const [fix, setFix] = useState("");
  const [accept, setAccept] = useState("");
  const [caps, setCaps] = useState<Caps>({ daily: "", monthly: "" });
  const [uncapped, setUncapped] = useState(false);
  const { problem } = action;
  const { caps: known } = incident;
  const wasUnseen = known?.isTaken === true && known.before === null;
  const asksForCaps = useAsksForCaps(problem, mustSay(known) || isUncapped(known));
  const asksToAccept = wasRefusedForReputation(incident);
  const missing =
    rootCause.trim() === ""
      ? "Say what was wrong."
      : fix.trim() === ""
        ? "Say how it was mended."
        : asksForCaps && !(isCap(caps.daily) && isCap(caps.monthly))
          ? 'Say both caps, each an amount or "none".'
          : null;
  async function submit(): Promise<void> {
    const body = {
      by,
      rootCause: rootCause.trim(),
      fix: fix.trim(),
      ...(asksForCaps && { caps: sentCaps(caps) }),
      ...(wasUnseen && uncapped && { uncapped }),
      ...(accept.trim() !== "" && { acceptReputation: accept.trim() }),
    };
    const answer = await action.run(`/api/incidents/${incident.id}/recover`, body);
    if (answer !== undefined) onDone(sentenceOf(answer));
  }
  return (
    <OrderForm
      label="Recover"
      says={<WhatWillHappen incident={incident} />}
      action={action}
      missing={missing}
      onSubmit={() => void submit()}
      onCancel={onCancel}
    >
      <Field
        label="What was wrong"
        name="rootCause"
        kind="long"
        value={rootCause}
        onInput={setRootCause}
        problem={problem}
        isRequired
      />
      <Field
        label="How it was mended"
        name="fix"
        kind="long"
        value={fix}
        onInput={setFix}
        problem={problem}
        isRequired
      />
      {asksForCaps && (
        <CapsFields
          value={caps}
          onInput={setCaps}
          problem={problem}
          hint={
            uncapped || isUncapped(known)
              ? "What the steps below 100 % are shares of; 100 % gives back no cap."
              : `What ${incident.agentId} could spend before: an amount, or "none" for no cap.`
          }
        />
      )}
      {wasUnseen && (
        <label class="check">
          <input type="checkbox" checked={uncapped} onChange={(event) => setUncapped(event.currentTarget.checked)} />
          <span>It had no caps at all before</span>
        </label>
      )}
      {asksToAccept && (
        <Field
          label="Why its lower reputation is accepted"
          name="acceptReputation"
          kind="long"
          value={accept}
          onInput={setAccept}
          problem={problem}
          hint="The last recovery was refused because its reputation fell. Without this it will be refused again."
        />
      )}
    </OrderForm>
  );
}

function WhatWillHappen({ incident: { agentId, caps } }: { incident: Incident }) {
  return (
    <>
      <p>
        Identity, reputation and budget are checked first. Then <strong>{agentId}</strong> may spend again, step by
        step, as long as no warning comes:
      </p>
      <ul>
        {caps?.rungs.map(({ percent, afterMs, caps: back }) => (
          <li key={percent}>
            <strong>{percent} %</strong> {afterMs === 0 ? "at once" : `after ${lasting(afterMs)}`}
            {back !== null && `: ${capsText(back)}`}
          </li>
        ))}
      </ul>
      {caps && <p>{whatIsKnown(caps)}</p>}
    </>
  );
}

/** Of the caps from before: what 100 % is, and what a person must say. */
function whatIsKnown(caps: CapsToGiveBack): string {
  if (!caps.isTaken) return "Its budget was left alone, and stays as it is.";
  const told = capsTold(caps);
  if (told === null) return "Nobody saw its caps before the freeze: say what they were.";
  const before = `Before it had ${told.caps}, ${told.source}.`;
  if (caps.month === "unknown") return `${before} Say both as they were.`;
  return isUncapped(caps) ? `${before} A share of none is none: say what the steps are shares of.` : before;
}

/** Both were none: percents below 100 are shares of what a person says. */
function isUncapped(caps: CapsToGiveBack | null): boolean {
  return (
    caps !== null &&
    caps.before !== null &&
    caps.month !== "unknown" &&
    caps.rungs.some(({ caps: back }) => back === null)
  );
}

function wasRefusedForReputation({ timeline }: Incident): boolean {
  const last = timeline.findLast(({ what }) => what === "recovery-refused");
  return /reputation/.test(String(last?.detail.reason ?? ""));
}

function sentenceOf({ status, next }: Asked): string {
  const text = next ?? (status === "asked" ? "the checks are being made" : "nothing was changed");
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  return `${status === "asked" ? "Recovery is asked for. " : ""}${sentence}${/[.!?]$/.test(sentence) ? "" : "."}`;
}
