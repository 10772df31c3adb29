import { Card } from "../../parts/card.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Link } from "../../parts/link.tsx";
import type { Told } from "./answers.ts";

/** What to read and what to keep. */
export function Documents({ incident: { id }, document }: Told) {
  const path = `/api/incidents/${encodeURIComponent(id)}`;
  return (
    <Card title="Documents">
      <ul class="documents">
        <li>
          <Link href={`/incidents/${id}/post-mortem`}>
            <Icon name="list" />
            <span>
              Post-mortem
              <span class="muted small">
                {document?.isDraft
                  ? "a draft, until the incident is over"
                  : "what happened, what it cost, what is left"}
              </span>
            </span>
          </Link>
        </li>
        <Download
          href={`${path}/post-mortem?format=md`}
          name="Post-mortem, Markdown"
          what="to paste into your tracker"
        />
        <Download href={`${path}/post-mortem?format=json`} name="Post-mortem, JSON" what="the same for programs" />
        <Download href={`${path}/ledger`} name="Ledger" what="signed: tourniquet ledger verify reads it" />
        <Download
          href={`${path}/evidence`}
          name="Evidence"
          what="what was kept at containment"
          file={`evidence-${id}.json`}
        />
      </ul>
    </Card>
  );
}

function Download({ href, name, what, file = "" }: { href: string; name: string; what: string; file?: string }) {
  return (
    <li>
      <a href={href} download={file}>
        <Icon name="download" />
        <span>
          {name}
          <span class="muted small">{what}</span>
        </span>
      </a>
    </li>
  );
}
