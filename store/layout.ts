/** What the store holds, by kind: the one list of it. Who adds a kind of artefact adds it here, and says what its loss means. */

interface Kind {
  /** what it is, for people */
  readonly what: string;
  readonly uri: RegExp;
  /** what brings it back, or makes its loss harmless, beside a backup; a clause */
  readonly remedy: string;
}

const SHA = '[0-9a-f]{64}';
const NAME = '[^/]+';

/** The configuration of a pipeline whose JSON has this sha256. */
export const configUri = (pipeline: string, sha256: string): string =>
  `configs/${pipeline}/${sha256}.json`;

/** In the order in which a run leaves them. */
export const ARTEFACTS = {
  config: {
    what: 'the configuration of a pipeline',
    uri: new RegExp(`^configs/${NAME}/${SHA}\\.json$`),
    remedy: 'restart the watcher, which writes the configuration that is in force anew',
  },
  dataset: {
    what: 'the data of a file, as it was read',
    uri: new RegExp(`^datasets/${SHA}(\\.[0-9a-f]+)+(\\.labels)?\\.parquet$`),
    remedy: 'run its file again (calmops reprocess); the file has to be there',
  },
  summary: {
    what: 'the summary of a reference',
    uri: new RegExp(`^references/${SHA}\\.v\\d+\\.sum$`),
    remedy: 'nothing: it is made anew when it is needed',
  },
  model: {
    what: 'a model',
    uri: new RegExp(`^models/${NAME}/model\\.bin$`),
    remedy: 'run the file that it was trained on again, or have a new one trained',
  },
  card: {
    what: 'the card of a model',
    uri: new RegExp(`^models/${NAME}/card\\.json$`),
    remedy: 'run the file that it was trained on again, or have a new one trained',
  },
  reservoir: {
    what: 'where the sample of the past of a model is',
    uri: new RegExp(`^models/${NAME}/reservoir\\.[0-9a-f]+\\.json$`),
    remedy: 'nothing: it is made anew when it is needed',
  },
  reservoirRows: {
    what: 'the sample of the past of a model',
    uri: new RegExp(`^models/${NAME}/reservoir\\.[0-9a-f]+\\.parquet$`),
    remedy: 'nothing: it is made anew when it is needed',
  },
  baseline: {
    what: 'what a champion scored on one of its first files',
    uri: new RegExp(`^models/${NAME}/baseline\\.[0-9a-f]+/\\d+\\.${SHA}\\.json$`),
    remedy: 'nothing: it is made anew of the report of that file when it is needed',
  },
  estimator: {
    what: "what estimates a champion's metric without labels",
    uri: new RegExp(`^models/${NAME}/estimator\\.[0-9a-f]+\\.json$`),
    remedy: 'nothing: it is made anew when it is needed',
  },
  drift: {
    what: 'all numbers of one detection',
    uri: new RegExp(`^drift/${NAME}/${SHA}\\.[0-9a-f]+\\.json$`),
    remedy: 'run its file again (calmops reprocess) for a report of now',
  },
  predictions: {
    what: 'the predictions for a file',
    uri: new RegExp(`^predictions/${SHA}(\\.[0-9a-f]+)+\\.parquet$`),
    remedy:
      'run its file again (calmops reprocess); its labels are scored by its model in any case',
  },
  report: {
    what: 'the report of a run',
    uri: new RegExp(`^reports/${NAME}/${SHA}(\\.\\d+)?\\.json$`),
    remedy: 'run its file again (calmops reprocess FILE) for a report of now',
  },
  arrival: {
    what: 'a dataset in the order of its pipeline',
    uri: new RegExp(`^arrivals/${NAME}/\\d+\\.\\d+\\.${SHA}(\\.[0-9a-f]+)*(\\.[a-z]+)?\\.json$`),
    remedy: 'nothing: its report tells the same',
  },
  sequel: {
    what: 'what became known of a run later',
    uri: new RegExp(`^sequels/${NAME}/${SHA}\\.\\d+\\.\\d+\\.${SHA}\\.\\d+\\.json$`),
    remedy: 'nothing: the report of the later run tells it as well',
  },
  waiting: {
    what: 'labels that came before their file',
    uri: new RegExp(`^waiting/${NAME}/[0-9a-f]+\\.\\d+\\.${SHA}\\.\\d+\\.(labels|taken)\\.json$`),
    remedy: 'nothing: the report of the run that brought them tells the same',
  },
  page: {
    what: 'a page of older runs',
    uri: new RegExp(`^history/${NAME}/\\d+\\.json$`),
    remedy: 'nothing helps but a backup; the reports of its runs are there',
  },
  state: {
    what: 'a state of a pipeline',
    uri: new RegExp(`^state/${NAME}/\\d+\\.json$`),
    remedy:
      'nothing: the state before it and the reports since are gone on from where it is needed',
  },
} as const satisfies Readonly<Record<string, Kind>>;

/** A kind of artefact. */
export type ArtefactKind = keyof typeof ARTEFACTS;

/** Of which kind an artefact is; null for a uri under which the store holds nothing of CalmOps. */
export function kindOf(uri: string): ArtefactKind | null {
  return KINDS.find((kind) => ARTEFACTS[kind].uri.test(uri)) ?? null;
}

const KINDS = Object.keys(ARTEFACTS) as ArtefactKind[];
