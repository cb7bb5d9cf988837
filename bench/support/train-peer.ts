import { makePython } from './peer-python.ts';

const ENVIRONMENT = '.calmops/bench-venv';
const PACKAGES = ['scikit-learn==1.9.1'];

/** A Python that has scikit-learn: that named in CALMOPS_BENCH_PYTHON, or one of its own, see `makePython`. */
export function makeScikitPython(): Promise<string> {
  const named = process.env['CALMOPS_BENCH_PYTHON'];
  return named === undefined
    ? makePython(ENVIRONMENT, ['sklearn'], PACKAGES)
    : Promise.resolve(named);
}
