import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

/** danger: money runs out now. warn: a person is needed. hold: stopped and held. progress: on its way back. ok: over, well. quiet: no need to look. */
export type Tone = "danger" | "warn" | "hold" | "progress" | "ok" | "quiet";

/** A short word in a colour, with a shape where one is given: the word always says it alone. */
export function Badge({
  tone = "quiet",
  icon,
  children,
}: {
  tone?: Tone;
  icon?: IconName;
  children: ComponentChildren;
}) {
  return (
    <span class="badge" data-tone={tone}>
      {icon && <Icon name={icon} size={14} />}
      {children}
    </span>
  );
}
