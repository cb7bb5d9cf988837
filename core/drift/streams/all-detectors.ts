import { adwin } from './adwin.ts';
import { bocd } from './bocd.ts';
import { cusum } from './cusum.ts';
import { ddm } from './ddm.ts';
import { ecdd } from './ecdd.ts';
import { eddm } from './eddm.ts';
import { ewmaChart } from './ewma-chart.ts';
import { fhddm } from './fhddm.ts';
import { gma } from './gma.ts';
import { hddmA } from './hddm-a.ts';
import { hddmW } from './hddm-w.ts';
import { kswin } from './kswin.ts';
import { pageHinkley } from './page-hinkley.ts';
import { rddm } from './rddm.ts';
import { shewhart } from './shewhart.ts';
import type { AnyStreamDetector } from './stream-detector.ts';
import { stepd } from './stepd.ts';
import { wstd } from './wstd.ts';

export type StreamDetectorName =
  | 'adwin'
  | 'ddm'
  | 'eddm'
  | 'rddm'
  | 'hddmA'
  | 'hddmW'
  | 'ecdd'
  | 'ewmaChart'
  | 'shewhart'
  | 'stepd'
  | 'wstd'
  | 'fhddm'
  | 'cusum'
  | 'pageHinkley'
  | 'gma'
  | 'kswin'
  | 'bocd';

/** Every stream detector, to run them side by side or to choose one by its name. */
export const streamDetectors: Readonly<Record<StreamDetectorName, AnyStreamDetector>> = {
  adwin,
  ddm,
  eddm,
  rddm,
  hddmA,
  hddmW,
  ecdd,
  ewmaChart,
  shewhart,
  stepd,
  wstd,
  fhddm,
  cusum,
  pageHinkley,
  gma,
  kswin,
  bocd,
};
