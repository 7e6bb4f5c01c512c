import defaultData from './platform/data.json';
import { type EmulatorDataInput, parseData } from './platform/data';
import { ROOT } from './platform/directory';
import { departmentNames, givenNames, oddNames, surnames, titles, workPlaces } from './company-names';

export interface CompanyOptions {
  /** Default 1,200. */
  people?: number;
  /** Below the root, which is not counted; default 60. */
  departments?: number;
  /** Another seed makes another company; the same one makes the same. Default 1. */
  seed?: number;
  /** Names with emoji, HTML, 300 characters, other directions, and a userid with blanks. Default: none. */
  odd?: boolean;
}

type AccountInput = EmulatorDataInput['accounts'][number];
type DepartmentInput = NonNullable<EmulatorDataInput['departments']>[number];

const LEVELS = 5;
const FIRST_DEPARTMENT = 1001;
const FIRST_HIRED = Date.UTC(2010, 0, 4);
const DAY = 24 * 3600 * 1000;

/** Which of many have it: one in so many, and never two of these at once. */
const isOneIn = (each: number, rest: number) => (index: number) => index % each === rest;
const isInTwoDepartments = isOneIn(10, 7);
const isInactive = isOneIn(50, 13);
const isDedicated = isOneIn(100, 26);
const hasNoPhone = isOneIn(100, 61);
const hasNoEmail = isOneIn(5, 4);
const hasNoJobNumber = isOneIn(20, 5);

/** Mulberry32: numbers from 0 to 1 that look random and are the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

interface Luck {
  below(limit: number): number;
  of<Item>(items: readonly Item[]): Item;
}

function luckOf(seed: number): Luck {
  const random = randomFrom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  return { below, of: (items) => items[below(items.length)] };
}

/** An organization with one app, which may read all of its address book. */
export function generateCompany(options: CompanyOptions = {}): EmulatorDataInput {
  const { organizations, apps } = defaultData;
  const [organization] = organizations;
  const app = apps.filter(({ corpId }) => corpId === organization.corpId) as EmulatorDataInput['apps'];
  return addCompany({ organizations: [organization], apps: app, accounts: [] }, options);
}

/**
 * Adds the departments and people of a made-up company to the first organization of the data. The first five departments
 * are one below the other. One of ten people is in two departments, one of fifty has not joined yet, one of a hundred
 * has a dedicated account, another one no phone number; the last has the phone number of the first. Each department has
 * a leader.
 */
export function addCompany(data: EmulatorDataInput, options: CompanyOptions = {}): EmulatorDataInput {
  const { people = 1200, departments: count = 60, seed = 1, odd = false } = options;
  const luck = luckOf(seed);
  const [{ corpId }] = data.organizations;
  const departments = makeDepartments(corpId, count, luck);
  const accounts = makePeople(corpId, people, departments, luck);
  if (odd) {
    makeOdd(accounts, departments);
  }
  return {
    ...data,
    departments: [...(data.departments ?? []), ...departments],
    accounts: [...data.accounts, ...accounts],
  };
}

function makeDepartments(corpId: string, count: number, luck: Luck): DepartmentInput[] {
  const levels = new Map([[ROOT, 0]]);
  const parents = [ROOT];
  const siblings = new Map<string, number>();
  return Array.from({ length: count }, (_, index): DepartmentInput => {
    const dept_id = FIRST_DEPARTMENT + index;
    const parent_id = index < LEVELS ? (index === 0 ? ROOT : dept_id - 1) : luck.of(parents);
    const level = (levels.get(parent_id) ?? 0) + 1;
    levels.set(dept_id, level);
    if (level < LEVELS) {
      parents.push(dept_id);
    }
    // A name may come again, but not among siblings.
    const name = luck.of(departmentNames);
    const among = `${parent_id}/${name}`;
    const times = (siblings.get(among) ?? 0) + 1;
    siblings.set(among, times);
    const order = 10 * luck.below(100);
    return { corpId, dept_id, parent_id, name: times > 1 ? `${name}${times}` : name, order };
  });
}

function makePeople(corpId: string, count: number, departments: DepartmentInput[], luck: Luck): AccountInput[] {
  const ids = [ROOT, ...departments.map(({ dept_id }) => dept_id)];
  const leaders = new Map<number, string>();
  const accounts = Array.from({ length: count }, (_, index) => {
    // The first ones are spread over all departments, so that none is without people where there are enough of them.
    const first = index < ids.length ? ids[index] : luck.of(ids);
    const second = isInTwoDepartments(index) ? luck.of(ids) : first;
    return makePerson(corpId, index, second === first ? [first] : [first, second], leaders, luck);
  });
  const [first, last] = [accounts.at(0), accounts.at(-1)];
  if (first && last && first !== last) {
    Object.assign(last, { mobile: first.mobile, stateCode: '86' });
    Object.assign(last.memberships?.[0] ?? {}, { mobile: first.mobile, state_code: '86' });
  }
  return accounts;
}

/** Each index has its own: the factor has no divisor in common with a number of eight digits. */
const phoneOf = (index: number): string => {
  const prefixes = ['150', '151', '152', '157', '158', '159', '187', '188'];
  return prefixes[index % prefixes.length] + String((index * 48_271 + 20_000_003) % 100_000_000).padStart(8, '0');
};

function makePerson(
  corpId: string,
  index: number,
  departments: number[],
  leaders: Map<number, string>,
  luck: Luck,
): AccountInput {
  const number = String(index + 1).padStart(6, '0');
  const userid = `${1_600_000_000 + index * 7919}`;
  const name = luck.of(surnames) + luck.of(givenNames) + (luck.below(3) > 0 ? luck.of(givenNames) : '');
  const phone = isDedicated(index) || hasNoPhone(index) ? undefined : phoneOf(index);
  const leads = departments.filter((id) => !leaders.has(id));
  leads.forEach((id) => leaders.set(id, userid));
  const manager = leaders.get(departments[0]);
  return {
    id: `person-${number}`,
    unionId: `Un${luck.below(2 ** 31).toString(36)}${number}${luck.below(2 ** 31).toString(36)}iE`,
    openId: `Op${luck.below(2 ** 31).toString(36)}${number}iE`,
    nick: name,
    ...(phone && { mobile: phone, stateCode: '86' }),
    ...(isDedicated(index) && { dedicatedTo: corpId }),
    memberships: [
      {
        corpId,
        userid,
        name,
        title: luck.of(titles),
        ...(phone && { mobile: phone, state_code: '86' }),
        ...(!hasNoEmail(index) && { org_email: `p${number}@company.example.com` }),
        ...(!hasNoJobNumber(index) && { job_number: `H${number}` }),
        work_place: luck.of(workPlaces),
        hired_date: FIRST_HIRED + DAY * luck.below(5500),
        active: !isInactive(index),
        dept_id_list: departments,
        dept_order_list: departments.map((dept_id) => ({ dept_id, order: luck.below(1_000_000) })),
        leader_in_dept: departments.map((dept_id) => ({ dept_id, leader: leads.includes(dept_id) })),
        ...(manager !== userid && { manager_userid: manager }),
      },
    ],
  };
}

function makeOdd(accounts: AccountInput[], departments: DepartmentInput[]): void {
  oddNames.forEach((name, index) => {
    const account = accounts.at(index + 1);
    const [membership] = account?.memberships ?? [];
    if (account && membership) {
      account.nick = name;
      membership.name = name;
    }
    const department = departments.at(-1 - index);
    if (department) {
      department.name = name;
    }
  });
  const [membership] = accounts.at(-2)?.memberships ?? [];
  if (membership) {
    membership.userid = ' odd userid ';
  }
}

/** For the command and `npm start`: the people of the default data, a company around them, and DingTalk's own limit. */
export const demoData = (options: CompanyOptions = {}): EmulatorDataInput =>
  addCompany({ ...parseData(defaultData), settings: { maxPerSecond: 20 } }, options);
