import { z } from 'zod';
import { type EmulatorData, parseData } from './data';

const item = z.record(z.string(), z.unknown());
const patch = z.strictObject({
  organizations: z.array(item).default([]),
  apps: z.array(item).default([]),
  accounts: z.array(item).default([]),
  departments: z.array(item).default([]),
  clients: z.array(item).default([]),
  faults: z.array(z.unknown()).optional(),
  settings: item.default({}),
});
type Item = z.infer<typeof item>;

/** `null` takes a field away, since JSON has no `undefined`. */
const mergeItem = (old: Item, changes: Item): Item =>
  Object.fromEntries(Object.entries({ ...old, ...changes }).filter(([, value]) => value !== null));

function mergeList(old: Item[], changes: Item[], ...keys: string[]): Item[] {
  const keyOf = (each: Item) => keys.map((key) => String(each[key])).join('/');
  const known = new Set(old.map(keyOf));
  const merged = old.map((each) =>
    changes.filter((change) => keyOf(change) === keyOf(each)).reduce((all, change) => mergeItem(all, change), each),
  );
  return [...merged, ...changes.filter((change) => !known.has(keyOf(change)))];
}

/** Items meet by their key and merge field by field; new ones are added; the list of faults is replaced. */
export function mergeData(data: EmulatorData, changes: unknown): EmulatorData {
  const { organizations, apps, accounts, departments, clients, faults, settings } = patch.parse(changes);
  return parseData({
    organizations: mergeList(data.organizations, organizations, 'corpId'),
    apps: mergeList(data.apps, apps, 'clientId'),
    accounts: mergeList(data.accounts, accounts, 'id'),
    departments: mergeList(data.departments, departments, 'corpId', 'dept_id'),
    clients: mergeList(data.clients, clients, 'id'),
    faults: faults ?? data.faults,
    settings: mergeItem(data.settings, settings),
  });
}
