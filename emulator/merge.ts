import { z } from 'zod';
import { type Company, parseCompany } from './company';

const item = z.record(z.string(), z.unknown());
const patch = z.strictObject({
  corps: z.array(item).default([]),
  apps: z.array(item).default([]),
  accounts: z.array(item).default([]),
  clients: z.array(item).default([]),
  faults: z.array(z.unknown()).optional(),
  settings: item.default({}),
});
type Item = z.infer<typeof item>;

/** `null` takes a field away, since JSON has no `undefined`. */
const mergeItem = (old: Item, changes: Item): Item =>
  Object.fromEntries(Object.entries({ ...old, ...changes }).filter(([, value]) => value !== null));

function mergeList(old: Item[], changes: Item[], key: string): Item[] {
  const known = old.map((each) =>
    changes.filter((change) => change[key] === each[key]).reduce((merged, change) => mergeItem(merged, change), each),
  );
  return [...known, ...changes.filter((change) => !old.some((each) => each[key] === change[key]))];
}

/** Items meet by their key and merge field by field; new ones are added; the list of faults is replaced. */
export function mergeCompany(company: Company, changes: unknown): Company {
  const { corps, apps, accounts, clients, faults, settings } = patch.parse(changes);
  return parseCompany({
    corps: mergeList(company.corps, corps, 'corpId'),
    apps: mergeList(company.apps, apps, 'clientId'),
    accounts: mergeList(company.accounts, accounts, 'id'),
    clients: mergeList(company.clients, clients, 'id'),
    faults: faults ?? company.faults,
    settings: mergeItem(company.settings, settings),
  });
}
