import { makePython } from './peer-python.ts';

export const PEERS = ['evidently', 'nannyml'] as const;
export type Peer = (typeof PEERS)[number];

/** Of its own: these want older packages than the peers of `bench:train`. */
const ENVIRONMENT = '.calmops/bench-drift-venv';
const PACKAGES = ['evidently==0.7.23', 'nannyml==0.13.1', 'pandas<3', 'numpy<2.4', 'pyarrow'];

/** A Python that has the peers: see `makePython`. */
export function makePeerPython(): Promise<string> {
  return makePython(ENVIRONMENT, ['evidently', 'nannyml', 'pyarrow'], PACKAGES);
}
