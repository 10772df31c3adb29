import { useState } from "preact/hooks";
import type { z } from "zod";
import type { tokenShape } from "../../../http/api/shapes/token.ts";
import { Badge } from "../../parts/badge.tsx";
import { Card } from "../../parts/card.tsx";
import { Empty, Notice } from "../../parts/notice.tsx";
import { Order, useNotAllowed } from "../../parts/order.tsx";
import { Loaded, Page } from "../../parts/page.tsx";
import { When } from "../../parts/when.tsx";
import { useServer } from "../../server/use-server.ts";
import { at } from "../../words/time.ts";
import { CreateToken } from "./create.tsx";

/** GET /api/tokens: never what opens anything. Times as ISO 8601; lastUsedOn: a day in UTC. */
type Token = z.output<typeof tokenShape>;

/** Who has a token of their own; only for admins. */
export function Tokens() {
  const notAllowed = useNotAllowed("admin");
  if (notAllowed !== null)
    return (
      <Page title="Tokens">
        <Notice tone="quiet">
          <p>{notAllowed} Ask one for a token of your own: then what you change stands under your name.</p>
        </Notice>
      </Page>
    );
  return <List />;
}

function List() {
  const loaded = useServer<{ tokens: Token[] }>("/api/tokens", ({ topic }) => topic === "audit");
  const [made, setMade] = useState<{ name: string; secret: string } | null>(null);
  return (
    <Page
      title="Tokens"
      actions={
        <CreateToken
          onDone={(name, secret) => {
            setMade({ name, secret });
            loaded.reload();
          }}
        />
      }
    >
      {made && <Made {...made} onClose={() => setMade(null)} />}
      <Loaded loaded={loaded}>
        {({ tokens }) =>
          tokens.length === 0 ? (
            <Empty title="Nobody has a token of their own.">
              <p>With one, the audit trail says who did what, and whoever leaves is shut out alone.</p>
            </Empty>
          ) : (
            <Card title="Who has one" aside={String(tokens.length)}>
              <ul class="rows">
                {tokens.map((token) => (
                  <Row key={token.id} token={token} onDone={loaded.reload} />
                ))}
              </ul>
            </Card>
          )
        }
      </Loaded>
    </Page>
  );
}

/** Shown this once: only its hash is kept. */
function Made({ name, secret, onClose }: { name: string; secret: string; onClose(): void }) {
  const [isCopied, setCopied] = useState(false);
  return (
    <Notice tone="ok" isAlert>
      <p>
        The token of <strong>{name}</strong>. It is shown this once and can never be had again: give it to them now.
      </p>
      <div class="secret">
        <code>{secret}</code>
        <div class="buttons">
          <button
            type="button"
            class="button"
            onClick={() => {
              // Browsers have a clipboard only over https and on this machine; where there is none it is selected by hand.
              navigator.clipboard?.writeText(secret).then(
                () => setCopied(true),
                () => setCopied(false),
              );
            }}
          >
            {isCopied ? "Copied" : "Copy"}
          </button>
          <button type="button" class="button" onClick={onClose}>
            I have it
          </button>
        </div>
      </div>
    </Notice>
  );
}

function Row({ token, onDone }: { token: Token; onDone(): void }) {
  const { id, name, role, createdAt, createdBy, expiresAt, isExpired, lastUsedOn } = token;
  return (
    <li class="row">
      <div class="row-main">
        <strong>{name}</strong>
        <span class="muted small">
          {role}, made <When at={at(createdAt)} /> by {createdBy}
          {expiresAt && (
            <>
              , {isExpired ? "expired" : "until"} <When at={at(expiresAt)} />
            </>
          )}
        </span>
      </div>
      <div class="row-why small">
        {isExpired ? <Badge>Expired</Badge> : <span>{lastUsedOn ? `last used on ${lastUsedOn}` : "never used"}</span>}
        <code>{id}</code>
      </div>
      <Order
        label="Revoke"
        kind="danger"
        title={`Revoke the token of ${name}?`}
        method="DELETE"
        path={`/api/tokens/${encodeURIComponent(id)}`}
        needs="admin"
        asksWhy={false}
        told={`The token of ${name} is revoked: it opens nothing any more.`}
        onDone={onDone}
      >
        <p>It opens nothing from then on, and whoever is logged in with it is logged out.</p>
      </Order>
    </li>
  );
}
