import { imports, makePython } from './peer-python.ts';

const ENVIRONMENT = '.calmops/bench-venv';
const PACKAGES = ['scikit-learn==1.9.1', 'lightgbm==4.7.0'];

/** What a fit of ours is put beside. */
export interface Peer {
  readonly name: string;
  readonly library: 'sklearn' | 'lightgbm';
  readonly threads: number;
}

const SCIKIT_LEARN: Peer = { name: 'scikit-learn', library: 'sklearn', threads: 1 };
const BOOSTING_PEERS: readonly Peer[] = [
  { name: 'scikit-learn on 2 threads', library: 'sklearn', threads: 2 },
  { name: 'LightGBM', library: 'lightgbm', threads: 1 },
];

/** A Python, and the peers that it can run. */
export interface PeerPython {
  readonly program: string;
  peersOf(estimator: string): readonly Peer[];
}

/**
 * The Python named in CALMOPS_BENCH_PYTHON, or one of its own, see `makePython`. Where LightGBM cannot be loaded, which
 * wants a library of the system for OpenMP, it says so and does without.
 */
export async function makePeerPython(): Promise<PeerPython> {
  const program =
    process.env['CALMOPS_BENCH_PYTHON'] ??
    (await makePython(ENVIRONMENT, ['sklearn', 'lightgbm'], PACKAGES));
  const hasLightGbm = await imports(program, ['lightgbm']);
  if (!hasLightGbm) process.stderr.write('LightGBM cannot be loaded: compared without it\n');
  const ofBoosting = BOOSTING_PEERS.filter(({ library }) => library === 'sklearn' || hasLightGbm);
  return {
    program,
    peersOf: (estimator) =>
      estimator === 'boosting' ? [SCIKIT_LEARN, ...ofBoosting] : [SCIKIT_LEARN],
  };
}
