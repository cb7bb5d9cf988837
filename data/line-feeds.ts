export const LINE_FEED = 0x0a;

export function countLineFeeds(bytes: Uint8Array): number {
  let n = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) n++;
  return n;
}
