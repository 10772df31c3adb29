import { useState } from "preact/hooks";
import type { z } from "zod";
import type { standDownAskedShape } from "../../../http/api/shapes/order.ts";
import { Field } from "../../parts/field.tsx";
import { OrderForm, useBy } from "../../parts/order-form.tsx";
import { useAction } from "../../server/use-action.ts";
import { capsTold, mustSay } from "../../words/caps.ts";
import { isZero, moneyText } from "../../words/money.ts";
import type { DeedFormProps } from "./acknowledge-form.tsx";
import type { CapsToGiveBack } from "./answers.ts";
import { type Caps, CapsFields, isCap, sentCaps, useAsksForCaps } from "./caps-fields.tsx";

/** It was a false alarm: everything back at once, and why. */
export function StandDownForm({ incident, onDone, onCancel }: DeedFormProps) {
  const by = useBy();
  const action = useAction<z.output<typeof standDownAskedShape>>();
  const [reason, setReason] = useState("");
  const [caps, setCaps] = useState<Caps>({ daily: "", monthly: "" });
  const { problem } = action;
  const wasAsked = useAsksForCaps(problem, mustSay(incident.caps));
  const missing =
    reason.trim() === ""
      ? "Say why."
      : wasAsked && !(isCap(caps.daily) && isCap(caps.monthly))
        ? 'Say both caps, each an amount or "none".'
        : null;
  async function submit(): Promise<void> {
    // What joins after this page was last told is not called a false alarm with the rest.
    const joined = incident.signals.length;
    const body = { by, reason: reason.trim(), joined, ...(wasAsked && { caps: sentCaps(caps) }) };
    const answer = await action.run(`/api/incidents/${incident.id}/stand-down`, body);
    if (answer === undefined) return;
    onDone(answer.status === "begun" ? "It is being stood down." : "It was being stood down already; nothing changed.");
  }
  const { agentId, dryRun, dollars } = incident;
  return (
    <OrderForm
      label="Stand down"
      kind="danger"
      says={
        dryRun ? (
          <p>This ends the dry run. Nothing was done to {agentId}, so nothing is undone.</p>
        ) : (
          <>
            <p>
              This says it was a <strong>false alarm</strong>. <strong>{agentId}</strong> may spend again{" "}
              <strong>at once and in full</strong>. Nothing is checked first.
            </p>
            <WhatComesBack caps={incident.caps} />
            {!isZero(dollars.recovered) && (
              <p>Escrows that were cancelled stay cancelled: {moneyText(dollars.recovered)} is back in its wallet.</p>
            )}
            <p>If something was wrong and is mended, recover it instead: that goes step by step.</p>
          </>
        )
      }
      action={action}
      missing={missing}
      onSubmit={() => void submit()}
      onCancel={onCancel}
    >
      <Field
        label="Why it is a false alarm"
        name="reason"
        kind="long"
        value={reason}
        onInput={setReason}
        problem={problem}
        isRequired
      />
      {wasAsked && (
        <CapsFields
          value={caps}
          onInput={setCaps}
          problem={problem}
          hint={`What ${agentId} could spend before: an amount, or "none" for no cap.`}
        />
      )}
    </OrderForm>
  );
}

function WhatComesBack({ caps }: { caps: CapsToGiveBack | null }) {
  if (caps === null) return null;
  if (!caps.isTaken) return <p>Its budget was left alone, and stays as it is.</p>;
  const told = capsTold(caps);
  if (told === null) return <p>Nobody saw its caps before the freeze: say what they were.</p>;
  return (
    <p>
      Its caps come back: <strong>{told.caps}</strong>, {told.source}.
    </p>
  );
}
