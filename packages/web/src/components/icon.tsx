/** 16-unit line icons. They repeat a word that stands beside them, so they are hidden from assistive technology. */
const shapes = {
  alarm: 'M8 2.2 14.6 13.6H1.4Z M8 6.2v3.6 M8 11.6v.1',
  warn: 'M8 1.8a6.2 6.2 0 1 0 .01 0Z M8 4.8v4 M8 11.2v.1',
  check: 'M2.6 8.6 6.2 12.2 13.4 4.4',
  cross: 'M3.6 3.6l8.8 8.8 M12.4 3.6l-8.8 8.8',
  eye: 'M1.4 8S4 3.6 8 3.6 14.6 8 14.6 8 12 12.4 8 12.4 1.4 8 1.4 8Z M8 6.4a1.6 1.6 0 1 0 .01 0Z',
  work: 'M3 2.6l9.4 5.4L3 13.4Z',
  pause: 'M5 3v10 M11 3v10',
  clock: 'M8 1.8a6.2 6.2 0 1 0 .01 0Z M8 4.4V8l2.6 1.6',
  silent: 'M2 8h3 M11 8h3 M6.4 5.4l3.2 5.2 M9.6 5.4l-3.2 5.2',
  unknown: 'M5.4 5.8a2.6 2.6 0 1 1 3.9 2.3c-.9.5-1.3 1-1.3 1.9 M8 12.4v.1',
  search: 'M7 2.4a4.6 4.6 0 1 0 .01 0Z M10.4 10.4l3.4 3.4',
  help: 'M5.4 5.8a2.6 2.6 0 1 1 3.9 2.3c-.9.5-1.3 1-1.3 1.9 M8 12.4v.1',
  sun: 'M8 5a3 3 0 1 0 .01 0Z M8 1v1.6 M8 13.4V15 M1 8h1.6 M13.4 8H15 M3 3l1.1 1.1 M11.9 11.9 13 13 M13 3l-1.1 1.1 M4.1 11.9 3 13',
  moon: 'M13.4 9.6A5.8 5.8 0 0 1 6.4 2.6 5.8 5.8 0 1 0 13.4 9.6Z',
  up: 'M3.6 10 8 5.6 12.4 10',
  down: 'M3.6 6 8 10.4 12.4 6',
  now: 'M1.4 8.4h3l2-5 3.2 9.6 2-4.6h3',
  incidents: 'M8 2.2 14.6 13.6H1.4Z',
  problems: 'M3 4.4a5.6 5.6 0 0 1 9.6.8 M12.8 2.2v3h-3 M13 11.6a5.6 5.6 0 0 1-9.6-.8 M3.2 13.8v-3h3',
  hosts: 'M2 2.6h12v4.2H2Z M2 9.2h12v4.2H2Z M4.6 4.7h.1 M4.6 11.3h.1',
  capacity: 'M2 13.4 6 9l3 2.4 5-7 M10.6 4.4H14v3.4',
  rules: 'M2 4h12 M2 8h8 M2 12h5',
} as const;

export type IconName = keyof typeof shapes;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.7"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={shapes[name]} />
    </svg>
  );
}
