import type { Department } from './data';
import { ROOT } from './directory';

interface Checked {
  organizations: { corpId: string }[];
  apps: { clientId: string; corpId: string }[];
  accounts: {
    id: string;
    unionId: string;
    dedicatedTo?: string;
    memberships: { corpId: string; userid: string; dept_id_list?: number[] }[];
  }[];
  departments: Pick<Department, 'corpId' | 'dept_id' | 'parent_id'>[];
  clients: { id: string }[];
  settings: { brokenTree: boolean };
}

/** What is wrong between the parts of the data, each of which is right by itself. */
export function findContradictions(data: Checked): string[] {
  const { organizations, apps, accounts, departments, clients } = data;
  const memberships = accounts.flatMap((each) => each.memberships);
  const issuers = accounts.flatMap(({ dedicatedTo }) => (dedicatedTo ? [{ corpId: dedicatedTo }] : []));
  const known = new Set(organizations.map(({ corpId }) => corpId));
  const unknown = [...apps, ...memberships, ...issuers, ...departments].filter(({ corpId }) => !known.has(corpId));
  return [
    ...repeated(organizations, (each) => each.corpId, 'organizations have the corpId'),
    ...repeated(apps, (each) => each.clientId, 'apps have the clientId'),
    ...repeated(accounts, (each) => each.id, 'accounts have the id'),
    ...repeated(accounts, (each) => each.unionId, 'accounts have the unionId'),
    ...repeated(clients, (each) => each.id, 'clients have the id'),
    ...repeated(memberships, (each) => `${each.corpId}/${each.userid}`, 'memberships have the userid'),
    ...repeated(departments, (each) => `${each.corpId}/${each.dept_id}`, 'departments have the dept_id'),
    ...unknown.map(({ corpId }) => `no organization has the corpId "${corpId}"`),
    ...(data.settings.brokenTree ? [] : findTreeFaults(data)),
  ];
}

function repeated<Item>(items: Item[], keyOf: (item: Item) => string, what: string): string[] {
  const seen = new Set<string>();
  return items.flatMap((item) => {
    const key = keyOf(item);
    const again = seen.has(key);
    seen.add(key);
    return again ? [`two ${what} "${key}"`] : [];
  });
}

function findTreeFaults({ organizations, accounts, departments }: Checked): string[] {
  const parents = new Map(organizations.map(({ corpId }) => [corpId, new Map<number, number>()]));
  for (const { corpId, dept_id, parent_id } of departments) {
    parents.get(corpId)?.set(dept_id, parent_id);
  }
  const isKnown = (corpId: string, id: number) => id === ROOT || parents.get(corpId)?.has(id) === true;
  const isBelowItself = ({ corpId, dept_id }: { corpId: string; dept_id: number }) => {
    const passed = new Set<number>();
    for (let id = dept_id; id !== ROOT; id = parents.get(corpId)?.get(id) ?? ROOT) {
      if (passed.has(id)) {
        return true;
      }
      passed.add(id);
    }
    return false;
  };
  const below = departments.filter(({ dept_id }) => dept_id !== ROOT);
  return [
    ...below
      .filter(({ corpId, parent_id }) => !isKnown(corpId, parent_id))
      .map(({ dept_id, parent_id }) => `the department ${dept_id} has the parent ${parent_id}, which does not exist`),
    ...below.filter(isBelowItself).map(({ dept_id }) => `the department ${dept_id} is below itself`),
    ...accounts.flatMap((account) =>
      account.memberships.flatMap(({ corpId, userid, dept_id_list = [] }) =>
        dept_id_list
          .filter((id) => !isKnown(corpId, id))
          .map((id) => `the member "${userid}" is in the department ${id}, which does not exist`),
      ),
    ),
  ];
}
