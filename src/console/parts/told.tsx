import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useStore } from "../store.ts";
import { told } from "../told.ts";
import { Icon } from "./icon.tsx";
import { Notice } from "./notice.tsx";

/**
 * What came of a deed: read out, and in sight wherever the page stands. The focus goes back to the button that was pressed;
 * where the deed took that away, it comes here instead of being lost.
 */
export function Told({ main, path }: { main: RefObject<HTMLElement | null>; path: string }) {
  const said = useStore(told);
  const region = useRef<HTMLDivElement>(null);
  useEffect(() => told.set(null), [path]);
  useEffect(() => {
    if (said === null || main.current === null) return;
    const keep = () => {
      if (document.activeElement === document.body) region.current?.focus({ preventScroll: true });
    };
    keep();
    const watched = new MutationObserver(keep);
    watched.observe(main.current, { childList: true, subtree: true });
    // The button may be gone before the dialog that it opened: then that has nothing to give the focus back to.
    document.addEventListener("close", keep, { capture: true });
    return () => {
      watched.disconnect();
      document.removeEventListener("close", keep, { capture: true });
    };
  }, [said, main]);
  return (
    <div class="told" role="status" tabIndex={-1} ref={region}>
      {said !== null && (
        <Notice tone="ok">
          <p>{said.sentence}</p>
          <button type="button" class="icon-button" aria-label="Hide this" onClick={() => told.set(null)}>
            <Icon name="close" />
          </button>
        </Notice>
      )}
    </div>
  );
}
