import { isRecord } from '../http/endpoint';
import type { Json } from '../http/errors';

/** The faults of lists, which the old API has under `result` and the new one at the top. */

const isPage = (value: Json) => Array.isArray(value.list);

/** Applies an edit to the lists of an answer; `more` are the fields by which pages go on. */
function editLists(answer: unknown, edit: (list: unknown[]) => unknown[], more: (page: Json) => Json): unknown {
  if (Array.isArray(answer)) {
    return edit(answer);
  }
  if (!isRecord(answer)) {
    return answer;
  }
  const edited = Object.fromEntries(
    Object.entries(answer).map(([name, value]) => [
      name,
      name === 'result' ? editLists(value, edit, more) : Array.isArray(value) ? edit(value) : value,
    ]),
  );
  return isPage(edited) ? more(edited) : edited;
}

const ended = (page: Json): Json => ({ ...page, has_more: false, next_cursor: undefined });

export const emptied = (answer: unknown): unknown => editLists(answer, () => [], ended);

/** Half of it, which says that it is all. */
export const halved = (answer: unknown): unknown =>
  editLists(answer, (list) => list.slice(0, Math.floor(list.length / 2)), ended);

/** A page that leads to itself. */
export const endless = (answer: unknown, cursor: unknown): unknown =>
  editLists(
    answer,
    (list) => list,
    (page) => ({ ...page, has_more: true, next_cursor: cursor }),
  );

export const hasMore = (answer: unknown): boolean =>
  isRecord(answer) && isRecord(answer.result) && [true, 'true'].includes(answer.result.has_more as boolean);
