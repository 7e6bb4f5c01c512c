import { addCompany, demoData, generateCompany } from './company';
import { parseData } from './platform/data';
import { Directory } from './platform/directory';
import defaultData from './platform/data.json';

const company = (options: Parameters<typeof generateCompany>[0]) => parseData(generateCompany(options));
const membersOf = (data: ReturnType<typeof company>) => data.accounts.map(({ memberships }) => memberships[0]);

it('has 1,200 people in 60 departments, five levels deep', () => {
  const data = company({});
  const directory = new Directory(data, data.organizations[0].corpId);
  const depths = data.departments.map(({ dept_id }) => directory.path(dept_id).length - 1);
  expect([data.accounts.length, data.departments.length, Math.max(...depths)]).toEqual([1200, 60, 5]);
});

it('is the same for the same seed, and another for another', () => {
  expect(generateCompany({ people: 50, seed: 7 })).toEqual(generateCompany({ people: 50, seed: 7 }));
  expect(generateCompany({ people: 50, seed: 7 })).not.toEqual(generateCompany({ people: 50, seed: 8 }));
});

it('a tenth is in two departments, each department has one leader, some are inactive, dedicated or without a phone', () => {
  const data = company({});
  const members = membersOf(data);
  const share = (count: number) => count / data.accounts.length;
  expect(share(members.filter(({ dept_id_list }) => dept_id_list?.length === 2).length)).toBeCloseTo(0.1, 2);
  expect(share(members.filter(({ active }) => !active).length)).toBeCloseTo(0.02, 2);
  expect(share(data.accounts.filter(({ dedicatedTo }) => dedicatedTo).length)).toBeCloseTo(0.01, 2);
  expect(share(data.accounts.filter(({ mobile }) => !mobile).length)).toBeCloseTo(0.02, 2);
  const led = members.flatMap(({ leader_in_dept = [] }) => leader_in_dept.filter(({ leader }) => leader));
  expect(led.map(({ dept_id }) => dept_id).sort((a, b) => a - b)).toEqual([
    1,
    ...data.departments.map(({ dept_id }) => dept_id),
  ]);
});

it('one phone number is that of two; the others are of one', () => {
  const phones = membersOf(company({ people: 1201 })).flatMap(({ mobile }) => mobile ?? []);
  expect(phones.length - new Set(phones).size).toBe(1);
  expect(phones[0]).toBe(phones.at(-1));
});

it('siblings have different names', () => {
  const names = company({ departments: 500 }).departments.map(({ parent_id, name }) => `${parent_id}/${name}`);
  expect(new Set(names).size).toBe(names.length);
});

it('odd names are there only if they are asked for', () => {
  const isOdd = ({ name }: { name: string }) => name.length > 100 || name.includes('<') || name.includes('\u202E');
  expect(membersOf(company({})).filter(isOdd)).toEqual([]);
  const odd = company({ odd: true });
  expect(membersOf(odd).filter(isOdd).length).toBeGreaterThan(2);
  expect(odd.departments.filter(isOdd).length).toBeGreaterThan(2);
  expect(membersOf(odd).some(({ userid }) => userid !== userid.trim())).toBe(true);
});

it.each([0, 1, 2, 5])('of %j people is valid', (people) => {
  expect(company({ people, departments: 3, odd: true }).accounts).toHaveLength(people);
  expect(company({ people, departments: 0 }).departments).toEqual([]);
});

it('a company around the default data changes nothing of them', () => {
  const data = parseData(demoData());
  const known = parseData(defaultData);
  expect(data.accounts.slice(0, known.accounts.length)).toEqual(known.accounts);
  expect(data.accounts).toHaveLength(known.accounts.length + 1200);
  expect(data.settings.maxPerSecond).toBe(20);
  expect(parseData(addCompany(known, { people: 3, departments: 1 })).settings.maxPerSecond).toBe(0);
});
