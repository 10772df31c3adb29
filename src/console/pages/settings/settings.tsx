import { Card } from "../../parts/card.tsx";
import { Fact } from "../../parts/fact.tsx";
import { Choice, Field } from "../../parts/field.tsx";
import { Link } from "../../parts/link.tsx";
import { Empty, Notice } from "../../parts/notice.tsx";
import { Order } from "../../parts/order.tsx";
import { Loaded, Page } from "../../parts/page.tsx";
import { When } from "../../parts/when.tsx";
import { place, setQuery } from "../../router.ts";
import { useServer } from "../../server/use-server.ts";
import { useStore } from "../../store.ts";
import { counted } from "../../words/names.ts";
import { at } from "../../words/time.ts";
import { type Line, linesOf, type SettingsInForce } from "./answers.ts";

/** What is in force in the process that answers, and where each value comes from. */
export function Settings() {
  const loaded = useServer<SettingsInForce>(
    "/api/settings",
    ({ topic }) => topic === "settings" || topic === "tunings",
  );
  return (
    <Page title="Settings in force">
      <Loaded loaded={loaded}>
        {(settings) => (
          <>
            <Stale settings={settings} />
            <InForce settings={settings} onReload={loaded.reload} />
            <Values lines={linesOf(settings)} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

/** The file is newer than what is in force: the most dangerous thing to overlook on this page. */
function Stale({ settings: { failedReload, needsRestart } }: { settings: SettingsInForce }) {
  return (
    <>
      {failedReload && (
        <Notice tone="danger" isAlert>
          <p>
            <strong>The settings file was changed and could not be read</strong> (<When at={at(failedReload.at)} />
            ). What was in force before still is. Mend these, then have it read again:
          </p>
          <ul>
            {failedReload.mistakes.map((mistake) => (
              <li key={mistake}>{mistake}</li>
            ))}
          </ul>
        </Notice>
      )}
      {needsRestart.length > 0 && (
        <Notice tone="warn">
          <p>In the file, and in force only after a restart: {needsRestart.join(", ")}.</p>
        </Notice>
      )}
    </>
  );
}

function InForce({ settings, onReload }: { settings: SettingsInForce; onReload(): void }) {
  const { file, hash, loadedAt, tuned } = settings;
  return (
    <Card title="Where they come from">
      <dl class="facts">
        <Fact name="File">{file === null ? "none: every value is a default" : <code>{file}</code>}</Fact>
        <Fact name="Read">
          <When at={at(loadedAt)} />
        </Fact>
        <Fact name="Hash">
          <code>{hash}</code> <span class="muted small">the same in every process with the same settings</span>
        </Fact>
        <Fact name="Besides">
          <Link href="/tunings">{counted(tuned.length, "tuning")} in force</Link>,{" "}
          <Link href="/silences">silences</Link>
        </Fact>
      </dl>
      <div class="buttons">
        <Order
          label="Read the file again"
          title="Read the file again?"
          path="/api/settings/reload"
          needs="admin"
          asksWhy={false}
          disabledBecause={file === null ? "There is no file to read." : null}
          told="The file was read again."
          onDone={onReload}
        >
          <p>
            What it says is in force in this process then, without losing a job; with a mistake in it nothing changes.
            Every other process is told by itself, by SIGHUP or a restart.
          </p>
        </Order>
      </div>
    </Card>
  );
}

function Values({ lines }: { lines: readonly Line[] }) {
  const { query } = useStore(place);
  const search = (query.get("q") ?? "").trim().toLowerCase();
  const own = lines.filter(({ isDefault }) => !isDefault);
  const which = query.get("show") ?? (own.length > 0 ? "own" : "all");
  const found = (which === "own" ? own : lines).filter(({ path, value }) =>
    `${path} ${value}`.toLowerCase().includes(search),
  );
  return (
    <Card title="Values" aside={`${found.length} of ${lines.length}`}>
      <div class="filters">
        <Field
          label="Search"
          placeholder="Path or value"
          name="q"
          kind="search"
          value={query.get("q") ?? ""}
          onInput={(q) => setQuery({ q: q || null })}
        />
        <Choice
          label="Show"
          value={which}
          onChange={(show) => setQuery({ show })}
          options={[
            { value: "own", label: `Not default (${own.length})` },
            { value: "all", label: `Everything (${lines.length})` },
          ]}
        />
      </div>
      {found.length === 0 ? (
        <Empty title="No value fits." />
      ) : (
        <dl class="values">
          {found.map(({ path, value, origin }) => (
            <div key={path}>
              <dt>
                <code>{path}</code>
              </dt>
              <dd>
                <strong>{value}</strong> <span class="muted small">{origin}</span>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}
