import { useMemo, useState } from "preact/hooks";
import type { SpendSeries } from "../../../incident/spend.ts";
import { Card } from "../../parts/card.tsx";
import { Loading } from "../../parts/notice.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { useServer } from "../../server/use-server.ts";
import { isZero, moneyText } from "../../words/money.ts";
import { isFreezeWithinSum, type SpendPlotData, spendPlot } from "../../words/spend-series.ts";
import { clock, lasting } from "../../words/time.ts";
import type { Incident } from "./answers.ts";
import { Plot } from "./plot.tsx";

/** What it spent, against what it is used to and the line it crossed, with the freeze marked. */
export function SpendPlot({ incident }: { incident: Incident }) {
  const { data, problem } = useServer<SpendSeries>(
    `/api/incidents/${encodeURIComponent(incident.id)}/spend`,
    ({ topic, id }) => topic === "incident" && (id === null || id === incident.id),
  );
  const [span, setSpan] = useState<"trouble" | "all">("trouble");
  // The same data is the same drawing: only what was asked anew is drawn anew.
  const plot = useMemo(() => data && spendPlot(data), [data]);
  const marks = useMemo(() => (data ? marksOf(data) : []), [data]);
  if (data === undefined || plot === undefined) return problem === null ? <Loading lines={2} /> : null;
  if (data.points.length === 0) return null;
  const range = span === "trouble" ? plot.trouble : ([Date.parse(data.from), Date.parse(data.until)] as const);
  return (
    <Card
      title={`Spend per ${perText(plot.windowMs)}`}
      class="spend"
      aside={<Tabs label="Time shown" value={span} options={spans} onChange={setSpan} />}
    >
      <figure>
        <Plot plot={plot} marks={marks} from={range[0]} until={range[1]} />
        <Legend plot={plot} />
        <figcaption>{inWords(data, plot)}</figcaption>
      </figure>
      <details class="more">
        <summary>The payments as a table</summary>
        <Payments points={data.points} />
      </details>
    </Card>
  );
}

function perText(ms: number): string {
  if (ms === 60_000) return "minute";
  return ms === 3_600_000 ? "hour" : lasting(ms);
}

const spans = [
  { value: "trouble", label: "The trouble" },
  { value: "all", label: "All of it" },
] as const;

/** Said besides the colour and dash of each line. */
function Legend({ plot }: { plot: SpendPlotData }) {
  return (
    <ul class="legend" aria-hidden="true">
      <li data-line="spend">spent</li>
      {plot.usual !== null && <li data-line="usual">usual</li>}
      {plot.lines.map(({ what }) => (
        <li key={what} data-line={what}>
          {what} line
        </li>
      ))}
      <li data-line="freeze">frozen</li>
    </ul>
  );
}

const MOST_ROWS = 50;

function Payments({ points }: Pick<SpendSeries, "points">) {
  const shown = points.slice(-MOST_ROWS).toReversed();
  return (
    <>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col" class="amount">
              Spent
            </th>
            <th scope="col" class="amount">
              In all
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ at, amount, total, spanMs }) => (
            <tr key={`${at} ${total}`}>
              <td>
                {clock(Date.parse(at))}
                {spanMs > 0 && ` and the ${lasting(spanMs)} after`}
              </td>
              <td class="amount">{moneyText(amount)}</td>
              <td class="amount">{moneyText(total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {points.length > shown.length && (
        <p class="muted small">
          The newest {MOST_ROWS} of {points.length}.
        </p>
      )}
    </>
  );
}

function marksOf({ effectiveAt, rungs }: SpendSeries): { at: number; text: string; isFreeze: boolean }[] {
  return [
    ...(effectiveAt === null ? [] : [{ at: Date.parse(effectiveAt), text: "frozen", isFreeze: true }]),
    ...rungs.map(({ at, percent }) => ({ at: Date.parse(at), text: `${percent} %`, isFreeze: false })),
  ];
}

/** The picture for whoever cannot see it, and for everybody what it comes to. */
function inWords(series: SpendSeries, { peak, usual, lines, windowMs }: SpendPlotData) {
  const { effectiveAt, afterFreeze, isWhole } = series;
  const parts = [
    peak === null ? "" : `At most ${moneyText(peak.amount)} within ${lasting(windowMs)}.`,
    usual === null ? "What is usual for it is not known." : `Usual is ${moneyText(usual)}.`,
    ...lines.map(({ what, amount }) => `Above ${moneyText(amount)} it is ${what}.`),
    effectiveAt === null ? "It is not frozen." : `Frozen at ${clock(Date.parse(effectiveAt))}.`,
    effectiveAt === null
      ? ""
      : isZero(afterFreeze)
        ? "Nothing was spent after that."
        : `${moneyText(afterFreeze)} was spent after that.`,
    isFreezeWithinSum(series) ? "Of the minute around the freeze only the sum is kept: it stands as before it." : "",
    isWhole ? "" : "A part of what was spent is not kept any more.",
  ];
  return parts.filter((part) => part !== "").join(" ");
}
