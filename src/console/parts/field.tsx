import { useId } from "preact/hooks";
import type { Problem } from "../server/request.ts";

interface FieldProps {
  label: string;
  /** As the body of the request names it; what the server says of it stands below. */
  name: string;
  value: string;
  onInput(value: string): void;
  /** Instead of sending the form around it. */
  onEnter?(): void;
  hint?: string;
  problem?: Problem | null;
  /** What is wrong before it is sent. */
  mistake?: string | null;
  kind?: "text" | "long" | "password" | "money" | "search" | "number";
  isRequired?: boolean;
  autoComplete?: string;
  placeholder?: string;
  isReadOnly?: boolean;
}

/** A labelled field with its hint, and with its mistake beside it. */
export function Field(props: FieldProps) {
  const { label, name, value, onInput, hint, problem, mistake, kind = "text", isRequired = false } = props;
  const id = useId();
  const wrong = mistake ?? problem?.errors.find(({ field }) => field === name)?.problem ?? null;
  const said = [hint && `${id}-hint`, wrong && `${id}-wrong`].filter(Boolean).join(" ");
  const shared = {
    id,
    name,
    value,
    required: isRequired,
    "aria-describedby": said === "" ? undefined : said,
    "aria-invalid": wrong === null ? undefined : ("true" as const),
    placeholder: props.placeholder,
    readOnly: props.isReadOnly,
  };
  return (
    <div class="field" data-kind={kind}>
      <label for={id}>
        {label}
        {!isRequired && kind !== "search" && <span class="field-optional"> optional</span>}
      </label>
      {hint && (
        <p id={`${id}-hint`} class="field-hint">
          {hint}
        </p>
      )}
      {kind === "long" ? (
        <textarea {...shared} rows={3} onInput={(event) => onInput(event.currentTarget.value)} />
      ) : (
        <input
          {...shared}
          {...typeOf(kind)}
          inputMode={kind === "money" ? "decimal" : kind === "number" ? "numeric" : undefined}
          autoComplete={props.autoComplete ?? "off"}
          autoCapitalize="off"
          spellcheck={false}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || !props.onEnter) return;
            event.preventDefault();
            props.onEnter();
          }}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
      {wrong !== null && (
        <p id={`${id}-wrong`} class="field-wrong">
          {wrong}
        </p>
      )}
    </div>
  );
}

function typeOf(kind: FieldProps["kind"]) {
  if (kind === "password") return { type: "password" } as const;
  return kind === "search" ? ({ type: "search" } as const) : ({ type: "text" } as const);
}

interface ChoiceProps<V extends string> {
  label: string;
  value: V;
  options: readonly { value: V; label: string }[];
  onChange(value: NoInfer<V>): void;
}

/** One of a few, as the platform shows it: good with thumbs and screen readers alike. */
export function Choice<V extends string>({ label, value, options, onChange }: ChoiceProps<V>) {
  const id = useId();
  return (
    <div class="choice">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value as V)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}
