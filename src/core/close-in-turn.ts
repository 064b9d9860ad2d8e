/** Closes something, or waits for its end. */
export type Close = () => unknown;

/**
 * Takes the stages one after the other, what stands in one stage together, each whatever became of the others: what is
 * left out stays open for good. Rejects with the first failure when all is done.
 */
export async function closeInTurn(stages: readonly (readonly Close[])[]): Promise<void> {
  const failed: unknown[] = [];
  for (const stage of stages) {
    const results = await Promise.allSettled(stage.map(async (close) => close()));
    for (const result of results) if (result.status === 'rejected') failed.push(result.reason);
  }
  if (failed.length > 0) throw failed[0];
}
