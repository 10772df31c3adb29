import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { moneyText } from "../../words/money.ts";
import type { SpendPlotData } from "../../words/spend-series.ts";

export interface Mark {
  /** Milliseconds since 1970. */
  at: number;
  text: string;
  isFreeze: boolean;
}

const HEIGHT = 230;

interface PlotProps {
  plot: SpendPlotData;
  marks: readonly Mark[];
  /** What of the time is shown, milliseconds since 1970. */
  from: number;
  until: number;
}

/** Drawn on a canvas; its words stand beside it (spend-plot.tsx). Amounts become floats for their place on the canvas alone. */
export function Plot({ plot, marks, from, until }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const place = box.current;
    if (!place) return;
    let drawn: uPlot | null = null;
    const draw = () => {
      drawn?.destroy();
      drawn = new uPlot(optionsOf(place, { plot, marks, from, until }), dataOf(plot), place);
    };
    draw();
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", draw);
    const resized = new ResizeObserver(() => drawn?.setSize({ width: place.clientWidth, height: HEIGHT }));
    resized.observe(place);
    return () => {
      dark.removeEventListener("change", draw);
      resized.disconnect();
      drawn?.destroy();
    };
  }, [plot, marks, from, until]);
  return <div ref={box} class="plot" aria-hidden="true" />;
}

function dataOf({ levels, usual, lines }: SpendPlotData): uPlot.AlignedData {
  const flat = (amount: string) => levels.map(() => Number(amount));
  return [
    levels.map(({ at }) => at / 1_000),
    levels.map(({ amount }) => Number(amount)),
    ...(usual === null ? [] : [flat(usual)]),
    ...lines.map(({ amount }) => flat(amount)),
  ];
}

function optionsOf(place: HTMLElement, { plot, marks, from, until }: PlotProps): uPlot.Options {
  const css = getComputedStyle(place);
  const colour = (name: string) => css.getPropertyValue(name).trim();
  const axis = { stroke: colour("--muted"), font: `12px ${css.fontFamily}`, ticks: { show: false } };
  const grid = { stroke: colour("--plot-grid"), width: 1 };
  const highest = Math.max(...dataOf(plot).slice(1).flat().map(Number), 1);
  return {
    width: place.clientWidth,
    height: HEIGHT,
    padding: [22, 26, 0, 0],
    cursor: { y: false, drag: { x: false, y: false } },
    legend: { show: false },
    scales: {
      x: { time: true, range: [from / 1_000, Math.max(until, from + 1_000) / 1_000] },
      y: { range: [0, highest * 1.08] },
    },
    axes: [
      { ...axis, grid: { show: false }, space: 74, values: clockTicks },
      { ...axis, grid, size: 64, space: 44, values: (_, ticks) => ticks.map(shortMoney) },
    ],
    series: [{}, ...seriesOf(plot, colour)],
    hooks: { draw: [(drawn) => drawMarks(drawn, marks, colour)] },
  };
}

function seriesOf({ usual, lines }: SpendPlotData, colour: (name: string) => string): uPlot.Series[] {
  const spend = colour("--plot-spend");
  return [
    {
      label: "spent",
      stroke: spend,
      width: 2,
      fill: `color-mix(in srgb, ${spend} 14%, transparent)`,
      paths: uPlot.paths.stepped!({ align: 1 }),
      points: { show: false },
    },
    ...(usual === null
      ? []
      : [{ label: "usual", stroke: colour("--plot-baseline"), width: 1.5, dash: [2, 4], points: { show: false } }]),
    ...lines.map(({ what }) => ({
      label: what,
      stroke: colour(what === "critical" ? "--plot-threshold" : "--warn"),
      width: 1.5,
      dash: what === "critical" ? [8, 5] : [4, 4],
      points: { show: false },
    })),
  ];
}

/** An upright line with its word: the freeze, and each step back up. */
function drawMarks({ ctx, bbox, valToPos }: uPlot, marks: readonly Mark[], colour: (name: string) => string): void {
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.setLineDash([]);
  ctx.font = `600 ${12 * ratio}px system-ui, sans-serif`;
  for (const { at, text, isFreeze } of marks) {
    const x = valToPos(at / 1_000, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = ctx.fillStyle = colour(isFreeze ? "--hold" : "--progress");
    ctx.lineWidth = 2 * ratio;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const isRight = x > bbox.left + bbox.width - 64 * ratio;
    ctx.textAlign = isRight ? "right" : "left";
    ctx.fillText(text, isRight ? x : x - ratio, bbox.top - 7 * ratio);
  }
  ctx.restore();
}

const clockTicks: uPlot.Axis.DynamicValues = (_, ticks, __, ___, step) =>
  ticks.map((sec) =>
    new Date(sec * 1_000).toLocaleTimeString("en-GB", {
      hour: "2-digit",
      minute: "2-digit",
      ...(step < 60 && { second: "2-digit" }),
    }),
  );

/** "$1.2k": the axis is for the eye; exact amounts stand in the words and the table. */
function shortMoney(amount: number): string {
  if (amount >= 1_000_000) return `$${trimmed(amount / 1_000_000)}M`;
  if (amount >= 1_000) return `$${trimmed(amount / 1_000)}k`;
  return Number.isInteger(amount) ? `$${amount}` : moneyText(amount.toFixed(2));
}
const trimmed = (value: number): string => value.toFixed(1).replace(/\.0$/, "");
