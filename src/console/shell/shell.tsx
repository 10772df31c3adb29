import { useEffect, useRef } from "preact/hooks";
import { pageAt } from "../pages/index.ts";
import { Link } from "../parts/link.tsx";
import { Empty } from "../parts/notice.tsx";
import { Page } from "../parts/page.tsx";
import { SessionEnded } from "../parts/session-ended.tsx";
import { Told } from "../parts/told.tsx";
import { startLive, stopLive } from "../server/live.ts";
import { hasEnded, type Session } from "../server/session-store.ts";
import { useStore } from "../store.ts";
import { LiveMark } from "./live-mark.tsx";
import { NavBar, NavRail } from "./nav.tsx";

/** What stands around every page: the way to the others, who is logged in, and whether what is shown is live. */
export function Shell({ who, path }: { who: Session; path: string }) {
  const isOut = useStore(hasEnded);
  useEffect(() => {
    if (isOut) return;
    startLive();
    return stopLive;
  }, [isOut]);
  const main = useMovedFocus(path);
  const found = pageAt(path);
  return (
    <div class="shell">
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <header class="top">
        <Link href="/" class="brand" aria-label="Tourniquet, to the incidents">
          <span class="brand-mark" aria-hidden="true" />
          <span>Tourniquet</span>
        </Link>
        <LiveMark />
      </header>
      <NavRail who={who} path={path} />
      <main id="main" class="main" ref={main} tabIndex={-1}>
        <Told main={main} path={path} />
        {found ? <found.page.page key={path} params={found.params} /> : <NoSuchPage />}
      </main>
      <NavBar who={who} path={path} />
      <SessionEnded who={who} />
    </div>
  );
}

/** To another page goes the focus too, so that a screen reader begins there; the first page keeps the browser's own. */
function useMovedFocus(path: string) {
  const main = useRef<HTMLElement>(null);
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    main.current?.focus({ preventScroll: true });
  }, [path]);
  return main;
}

function NoSuchPage() {
  return (
    <Page title="No such page">
      <Empty title="There is nothing at this address.">
        <p>
          <Link href="/">See the incidents</Link>
        </p>
      </Empty>
    </Page>
  );
}
