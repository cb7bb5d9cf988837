import picomatch from 'picomatch';

/** Names by which browsers, copy tools and editors mark what is not whole yet. */
const PARTIAL_NAME = /^\.|~$|\.(tmp|temp|part|partial|crdownload|download|filepart|swp|swx)$/i;

/** Tells whether a file name counts as a dataset file: it matches `glob` and is not marked as partial. */
export function datasetNames(glob: string): (name: string) => boolean {
  const matches = picomatch(glob);
  return (name) => !PARTIAL_NAME.test(name) && matches(name);
}
