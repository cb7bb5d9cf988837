/** Where artefacts are in the store. */

/** The configuration of a pipeline whose JSON has this sha256. */
export const configUri = (pipeline: string, sha256: string): string =>
  `configs/${pipeline}/${sha256}.json`;
