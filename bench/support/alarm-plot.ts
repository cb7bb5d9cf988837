import { parse, View } from 'vega';
import type { Null } from './drift-settings.ts';

interface Alarm {
  readonly setting: Null;
  readonly alarms: number;
  readonly interval: { readonly low: number; readonly high: number };
}

const ROW_HEIGHT = 16;

/** Every setting's alarm rate with its interval, beside the rate that is promised, as SVG. */
export async function alarmPlot(
  results: readonly Alarm[],
  { falseAlarmRate }: { readonly falseAlarmRate: number },
): Promise<string> {
  const values = results.map(({ setting, interval }) => ({
    label: `${setting.name}, ${setting.reference} + ${setting.current}`,
    low: interval.low,
    high: interval.high,
    rate: (interval.low + interval.high) / 2,
  }));
  const y = { scale: 'y', field: 'label', band: 0.5 };
  const view = new View(
    parse({
      width: 420,
      height: ROW_HEIGHT * values.length,
      padding: 8,
      background: 'white',
      data: [{ name: 'settings', values }],
      scales: [
        { name: 'x', type: 'linear', domain: [0, falseAlarmRate * 2], range: 'width' },
        { name: 'y', type: 'band', domain: values.map(({ label }) => label), range: 'height' },
      ],
      axes: [
        { orient: 'bottom', scale: 'x', format: '.0%', title: 'files without drift that alarm' },
        { orient: 'left', scale: 'y', labelLimit: 320, ticks: false, domain: false },
      ],
      marks: [
        {
          type: 'rule',
          encode: {
            enter: {
              x: { scale: 'x', value: falseAlarmRate },
              y: { value: 0 },
              y2: { signal: 'height' },
              stroke: { value: '#b3541e' },
              strokeDash: { value: [3, 3] },
            },
          },
        },
        {
          type: 'rule',
          from: { data: 'settings' },
          encode: {
            enter: {
              x: { scale: 'x', field: 'low' },
              x2: { scale: 'x', field: 'high' },
              y,
              stroke: { value: '#3b5568' },
              strokeWidth: { value: 2 },
            },
          },
        },
      ],
    }),
    { renderer: 'none' },
  );
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}
