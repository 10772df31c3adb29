import type { ComponentChildren } from "preact";
import type { Tone } from "../words/tone.ts";
import { Icon, type IconName } from "./icon.tsx";

export type { Tone };

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
