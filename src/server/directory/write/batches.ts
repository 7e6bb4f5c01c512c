import { chunksOf } from '../store/rows';

/** So many are written in one transaction: a sign-in that binds waits for no more than that. */
const BATCH = 100;

/** That one item of a batch could not be written, because of which the transaction takes the whole batch back. */
export class ItemError extends Error {
  constructor(
    /** In the batch; undefined where it cannot be told which one it was. */
    readonly index: number | undefined,
    readonly error: unknown,
  ) {
    super('an item could not be written');
  }
}

interface Batches<T> {
  /**
   * Writes a batch in one transaction, or nothing of it.
   *
   * @throws ItemError where an item is to blame; any other error ends it all, as the next batch would fail as well
   */
  write(batch: T[]): Promise<void>;
  /** Is told of an item that could not be written on its own either. */
  fail(item: T, error: unknown): Promise<void>;
}

/**
 * Writes items in batches. An item that fails takes nothing with it: what stood before it and behind it in its batch is
 * written without it, and it is tried once more on its own, as another transaction may have stood in its way.
 */
export async function writeInBatches<T>(items: T[], batches: Batches<T>, size = BATCH): Promise<void> {
  for (const batch of chunksOf(items, size)) {
    await writeParts(batch, batches);
  }
}

async function writeParts<T>(batch: T[], batches: Batches<T>): Promise<void> {
  // Not by recursion: each of 100 items may fail.
  const parts = [batch];
  for (let part = parts.shift(); part; part = parts.shift()) {
    try {
      await batches.write(part);
    } catch (error) {
      if (!(error instanceof ItemError)) {
        throw error;
      }
      if (part.length === 1) {
        await batches.fail(part[0], error.error);
      } else {
        parts.unshift(...partsAround(part, error.index));
      }
    }
  }
}

function partsAround<T>(batch: T[], index: number | undefined): T[][] {
  return index === undefined
    ? batch.map((item) => [item])
    : [batch.slice(0, index), [batch[index]], batch.slice(index + 1)].filter((part) => part.length);
}
