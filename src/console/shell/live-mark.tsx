import { heardAt } from "../server/heard.ts";
import { liveMode } from "../server/live.ts";
import { useStore } from "../store.ts";
import { clock } from "../words/time.ts";

/** Whether what is shown is what is. Read out when it changes: whoever decides by it must know. */
export function LiveMark() {
  const mode = useStore(liveMode);
  const at = useStore(heardAt);
  const since = at === null ? "" : ` since ${clock(at, { seconds: false })}`;
  const text = {
    connecting: at === null ? "Connecting" : "Reconnecting",
    live: "Live",
    polling: "Every 10 s",
    behind: "Stale: Redis does not answer",
    lost: `No connection${since}`,
  }[mode];
  return (
    <p class="live" data-mode={mode} role="status">
      <span class="live-dot" aria-hidden="true" />
      {text}
    </p>
  );
}
