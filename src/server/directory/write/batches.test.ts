import { ItemError, writeInBatches } from './batches';

/** A store that takes a batch or nothing of it, and refuses some of its items. */
function storeThat({ refuses = [], hides = false }: { refuses?: number[]; hides?: boolean }) {
  const written: number[] = [];
  const failed: number[] = [];
  const batches: number[][] = [];
  return {
    written,
    failed,
    batches,
    write: async (batch: number[]) => {
      batches.push(batch);
      const index = batch.findIndex((item) => refuses.includes(item));
      if (index >= 0) {
        throw new ItemError(hides ? undefined : index, new Error('refused'));
      }
      written.push(...batch);
    },
    fail: async (item: number) => void failed.push(item),
  };
}

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

describe('writing in batches', () => {
  it('takes a hundred at a time', async () => {
    const store = storeThat({});
    await writeInBatches(upTo(250), store);
    expect(store.batches.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(store.written).toEqual(upTo(250));
  });

  it.each([true, false])('writes all but those that fail, in their order (which one is hidden: %s)', async (hides) => {
    const refuses = [0, 49, 99, 100, 249];
    const store = storeThat({ refuses, hides });
    await writeInBatches(upTo(250), store);
    expect(store.failed).toEqual(refuses);
    expect(store.written).toEqual(upTo(250).filter((item) => !refuses.includes(item)));
  });

  it('writes what stood around one that failed in three transactions, and not in a hundred', async () => {
    const store = storeThat({ refuses: [49] });
    await writeInBatches(upTo(100), store);
    expect(store.batches.map(({ length }) => length)).toEqual([100, 49, 1, 50]);
  });

  it('ends where all of them fail', async () => {
    const store = storeThat({ refuses: upTo(100) });
    await writeInBatches(upTo(100), store);
    expect(store.failed).toEqual(upTo(100));
  });

  it('tries one that fails once more: another transaction may have stood in its way', async () => {
    const store = storeThat({ refuses: [1] });
    const written: number[][] = [];
    let attempts = 0;
    await writeInBatches(upTo(3), {
      fail: store.fail,
      write: async (batch) => {
        if (batch.includes(1) && attempts++ === 0) {
          throw new ItemError(batch.indexOf(1), new Error('deadlock'));
        }
        written.push(batch);
      },
    });
    expect(written).toEqual([[0], [1], [2]]);
    expect(store.failed).toEqual([]);
  });

  it('ends at an error that is of no item', async () => {
    const batches: number[][] = [];
    const lost = new Error('the database is gone');
    const writing = writeInBatches(upTo(300), {
      fail: async () => undefined,
      write: async (batch) => {
        batches.push(batch);
        if (batch.includes(100)) {
          throw lost;
        }
      },
    });
    await expect(writing).rejects.toBe(lost);
    expect(batches).toHaveLength(2);
  });
});
