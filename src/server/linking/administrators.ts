import type { Page } from '../accounts/exclusions';

/** The first of what is read page by page and is shown: what is hidden takes no place, and is not counted. */
export async function firstShown<Row, Shown>(
  count: number,
  read: (page: Page) => Promise<Row[]>,
  show: (rows: Row[]) => Promise<Shown[]>,
): Promise<{ shown: Shown[]; more: boolean }> {
  const limit = 5 * count;
  const all: Shown[] = [];
  let isEnd = false;
  for (let offset = 0; !isEnd && all.length <= count; offset += limit) {
    const rows = await read({ limit, offset });
    all.push(...(await show(rows)));
    isEnd = rows.length < limit;
  }
  return { shown: all.slice(0, count), more: all.length > count };
}
