/** Shapes, all on 24 by 24: each status has its own, so that nobody needs the colour. */
const shapes = {
  drop: <path d="M12 3s6.5 6.6 6.5 11.2a6.5 6.5 0 0 1-13 0C5.5 9.6 12 3 12 3Z" fill="currentColor" />,
  hourglass: <path d="M7 3.5h10M7 20.5h10M8 3.5c0 5 4 5.5 4 8.5s-4 3.5-4 8.5m8-17c0 5-4 5.5-4 8.5s4 3.5 4 8.5" />,
  shield: <path d="M12 3 4.5 6v6c0 4.5 3.2 7.6 7.5 9 4.3-1.4 7.5-4.5 7.5-9V6L12 3Zm-3.5 9h7" fill="none" />,
  climb: <path d="M4 19h4v-5h4.5V9H17V4m0 0-3 3m3-3 3 3" />,
  check: <path d="M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Zm-13 .5 3 3 5.5-6.5" />,
  cancelled: <path d="M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0ZM6 18 18 6" />,
  eye: (
    <>
      <path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z" />
      <circle cx="12" cy="12" r="3" />
    </>
  ),
  alert: <path d="M12 3.5 2.5 20h19L12 3.5Zm0 6.5v4.5m0 2.8v.2" />,
  fleet: <path d="M4 7.5h6v6H4v-6Zm10-4h6v6h-6v-6Zm0 11h6v6h-6v-6ZM10 10.5h2m2-4h-2v11h2" />,
  letters: <path d="M3.5 6h17v12.5h-17V6Zm.5.5 8 6.5 8-6.5" />,
  target: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <circle cx="12" cy="12" r="3.5" />
    </>
  ),
  sliders: <path d="M4 7h9m4 0h3M4 17h3m4 0h9M15 4.5v5m-6 5v5" />,
  list: <path d="M9 6.5h11M9 12h11M9 17.5h11M4.5 6.5h.1m-.1 5.5h.1m-.1 5.5h.1" />,
  key: <path d="M14.5 9.5a4.5 4.5 0 1 0-4 4.48L12 15.5h2.5V18H17v2.5h3.5V17l-6.3-6.3c.2-.4.3-.8.3-1.2Z M9.5 9h.1" />,
  queue: <path d="M4 5h16v4H4V5Zm0 5.5h16v4H4v-4ZM4 16h16v4H4v-4Z" />,
  more: <path d="M5.5 12h.1m6.4 0h.1m6.4 0h.1" stroke-width="3.5" />,
  back: <path d="m14.5 5-7 7 7 7" />,
  next: <path d="m9.5 5 7 7-7 7" />,
  close: <path d="m6 6 12 12M18 6 6 18" />,
  download: <path d="M12 3.5v11.5m0 0-4.5-4.5M12 15l4.5-4.5M4 19.5h16" />,
  out: <path d="M14.5 4.5h5v15h-5M4 12h10.5m0 0-4-4m4 4-4 4" />,
  person: (
    <>
      <circle cx="12" cy="8" r="4" />
      <path d="M4.5 20.5c.8-4 3.8-6 7.5-6s6.7 2 7.5 6" />
    </>
  ),
  bell: <path d="M6 17v-6a6 6 0 0 1 12 0v6l1.5 1.5h-15L6 17Zm4 3.5c.5.7 1.2 1 2 1s1.5-.3 2-1" />,
} as const;

export type IconName = keyof typeof shapes;

/** For the eye only: the word beside it says the same. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {shapes[name]}
    </svg>
  );
}
