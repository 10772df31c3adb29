import { useNow } from "../now.ts";
import { clock, exact, relative } from "../words/time.ts";

/** A time as people say it; the exact one, and UTC, on hover and for whoever tabs to it. at: milliseconds since 1970. */
export function When({ at, as = "relative" }: { at: number; as?: "relative" | "clock" }) {
  const now = useNow();
  const full = exact(at);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever cannot hover reaches the exact time by the keyboard
    <time class="when" dateTime={new Date(at).toISOString()} title={full} tabIndex={0}>
      {as === "clock" ? clock(at) : relative(at, now)}
      <span class="when-exact" aria-hidden="true">
        {full}
      </span>
    </time>
  );
}
