import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Icon, type IconName } from "./icon.tsx";

interface ButtonProps {
  children: ComponentChildren;
  onClick?: (() => void) | undefined;
  /** primary: the one thing to do here. danger: it takes something away. quiet: beside the rest. */
  kind?: "primary" | "plain" | "danger" | "quiet";
  icon?: IconName;
  type?: "button" | "submit";
  isBusy?: boolean;
  /** Why it cannot be pressed now; shown below it. */
  disabledBecause?: string | null | undefined;
}

/** Can be reached and read while disabled, so that everybody hears why; pressing does nothing then. */
export function Button(props: ButtonProps) {
  const { children, onClick, kind = "plain", icon, type = "button", isBusy = false, disabledBecause = null } = props;
  const id = useId();
  const isOff = isBusy || disabledBecause !== null;
  return (
    <span class="button-place">
      <button
        type={type}
        class="button"
        data-kind={kind}
        aria-disabled={isOff ? "true" : undefined}
        aria-busy={isBusy ? "true" : undefined}
        aria-describedby={disabledBecause === null ? undefined : id}
        onClick={(event) => {
          if (isOff) event.preventDefault();
          else onClick?.();
        }}
      >
        {icon && <Icon name={icon} />}
        <span>{children}</span>
      </button>
      {disabledBecause !== null && (
        <span id={id} class="button-why">
          {disabledBecause}
        </span>
      )}
    </span>
  );
}
