import { notTried, type FaultCase } from './fault-case.ts';

/** Attacks that other commands repeat, and those that cannot be repeated here. */
export const ELSEWHERE: readonly FaultCase[] = [
  notTried(
    '10,000 mutated files',
    '446 reasons with paths, 1 hang, 1 abort, 3 read otherwise',
    'shown by `npm run fuzz`',
  ),
  notTried(
    'random kills and stops of every process',
    '28 of 28 files once and in order',
    'shown by `npm run chaos`',
  ),
  notTried(
    'watcher started while the server is down',
    'ends with 1, needs a supervisor',
    'shown by `npm run chaos`',
  ),
  notTried(
    'store moved away, inbox away, server away',
    'visible failure',
    'shown by `npm run chaos`',
  ),
  notTried(
    '10,000 files at once',
    '355 MB at most, none lost',
    'shown by `npm run soak -- --folder 10000`',
  ),
  notTried(
    'hostile names of files',
    'one outcome each',
    'shown by `npm run chaos` and `test/integration/hostile-way.test.ts`',
  ),
  notTried(
    'pages with hostile names, Host, CSRF, traversal, large bodies, slow clients',
    'held',
    'shown by `npm test -- web`',
  ),
  notTried('memory over many files', 'not done', 'shown by `npm run soak`'),
  notTried(
    'weaknesses and licences of packages',
    'the registry answered 405',
    'shown by `npm run sbom` where the registry answers',
  ),
  notTried(
    'rights and limits of the services in docker-compose.yml',
    'read_only, pids_limit and others missing',
    'no Docker engine here; read by `npm test -- deploy`',
  ),
  notTried(
    'a clock that jumps',
    'not done',
    '`npm run chaos` tries it where libfaketime is installed',
  ),
];
