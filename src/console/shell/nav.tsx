import { useEffect, useState } from "preact/hooks";
import { type ConsolePage, pages } from "../pages/index.ts";
import { Dialog } from "../parts/dialog.tsx";
import { Icon } from "../parts/icon.tsx";
import { Link } from "../parts/link.tsx";
import { may, type Session } from "../server/session-store.ts";
import { Account } from "./account.tsx";

interface NavProps {
  who: Session;
  path: string;
}
type InNav = ConsolePage & { nav: NonNullable<ConsolePage["nav"]> };

function entries(who: Session, place?: "first" | "more"): InNav[] {
  return pages.filter(
    (page): page is InNav =>
      page.nav !== undefined &&
      (place === undefined || page.nav.place === place) &&
      may(page.nav.role ?? "viewer", who),
  );
}

/** Beside the page on a desktop. */
export function NavRail({ who, path }: NavProps) {
  return (
    <nav class="rail" aria-label="Pages">
      <ul>
        {entries(who).map((page) => (
          <li key={page.path}>
            <Entry page={page} path={path} />
          </li>
        ))}
        <li>
          <QueuesEntry />
        </li>
      </ul>
      <Account who={who} />
    </nav>
  );
}

/** At the foot of a phone, where the thumb is. */
export function NavBar({ who, path }: NavProps) {
  const [isOpen, setOpen] = useState(false);
  const more = entries(who, "more");
  // It closes because the path changed.
  useEffect(() => setOpen(false), [path]);
  const isMore = more.some((page) => isHere(page, path));
  return (
    <nav class="bar" aria-label="Pages, below">
      {entries(who, "first").map((page) => (
        <Entry key={page.path} page={page} path={path} />
      ))}
      <button type="button" class="nav-entry" aria-current={isMore ? "true" : undefined} onClick={() => setOpen(true)}>
        <Icon name="more" />
        <span>More</span>
      </button>
      <Dialog title="More" isOpen={isOpen} onClose={() => setOpen(false)}>
        <ul class="sheet-list">
          {more.map((page) => (
            <li key={page.path}>
              {/* Closed by the very click: the focus that this gives back goes on to the page. */}
              <Entry page={page} path={path} onClick={() => setOpen(false)} />
            </li>
          ))}
          <li>
            <QueuesEntry />
          </li>
        </ul>
        <Account who={who} />
      </Dialog>
    </nav>
  );
}

function Entry({ page, path, onClick }: { page: InNav; path: string; onClick?: () => void }) {
  return (
    <Link href={page.path} class="nav-entry" aria-current={isHere(page, path) ? "page" : undefined} onClick={onClick}>
      <Icon name={page.nav.icon} />
      <span>{page.nav.label}</span>
    </Link>
  );
}

/** Bull Board is a page of its own, which does not belong to the console. */
function QueuesEntry() {
  return (
    <a class="nav-entry" href="/admin/queues">
      <Icon name="queue" />
      <span>Queues</span>
    </a>
  );
}

function isHere(page: ConsolePage, path: string): boolean {
  return path === page.path || path.startsWith(`${page.path}/`) || (path === "/" && page.path === "/incidents");
}
