/** The same, in the same order, with so many asked for before they are needed: reading goes on while Redis answers. */
export async function* ahead<T>(source: AsyncIterable<T>, most: number): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  const coming: Promise<IteratorResult<T>>[] = [];
  const ask = () => {
    const next = iterator.next();
    // Whoever awaits it hears of a failure; whoever has stopped reading needs not.
    next.catch(() => undefined);
    coming.push(next);
  };
  for (;;) {
    while (coming.length < most) ask();
    const { done, value } = await coming.shift()!;
    if (done) return;
    yield value;
  }
}
