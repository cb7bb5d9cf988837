/**
 * Whoever asks for the same while it is being answered, or a little later, gets the same answer: what many pages ask
 * for is asked for once. A failure is not kept.
 * @param forMs ms from when it was asked for; an answer that takes longer is shared until it is there
 */
export function sharing<T>(
  forMs: number,
  ask: (key: string) => Promise<T>,
): (key: string) => Promise<T> {
  const asked = new Map<string, Promise<T>>();
  const forget = (key: string, answer: Promise<T>): void => {
    if (asked.get(key) === answer) asked.delete(key);
  };
  return (key) => {
    const known = asked.get(key);
    if (known !== undefined) return known;
    const began = performance.now();
    const answer = ask(key);
    asked.set(key, answer);
    answer.then(
      () => {
        const left = forMs - (performance.now() - began);
        if (left <= 0) forget(key, answer);
        else setTimeout(forget, left, key, answer).unref();
      },
      () => {
        forget(key, answer);
      },
    );
    return answer;
  };
}
