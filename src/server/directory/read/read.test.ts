import { type Emulator, type FaultRule, startEmulator } from '../../../../emulator';
import { newTokenCache } from '../../../../testing/token-cache';
import type { DingTalkApp } from '../../dingtalk/api';
import { Pace } from '../../dingtalk/pace';
import { askAbsences, askGone } from './absences';
import type { Reader } from './calls';
import { type ReadSoFar, readDirectory } from './read';

let dingtalk: Emulator;
let reader: Reader;
let pauses: number;

beforeAll(async () => {
  dingtalk = await startEmulator();
  process.env.DINGTALK_API_URL = process.env.DINGTALK_OAPI_URL = dingtalk.url;
  // NocoBase warns that the emulator is on this machine.
  jest.spyOn(console, 'warn').mockReturnValue();
});

afterAll(() => dingtalk.close());

beforeEach(() => {
  dingtalk.reset();
  dingtalk.data.accounts = [];
  const [app] = dingtalk.data.apps;
  app.permissions.push('qyapi_get_department_list', 'qyapi_get_department_member');
  const cache = newTokenCache();
  pauses = 0;
  let now = 0;
  const sleep = async (ms: number) => {
    pauses++;
    now += ms;
  };
  const { clientId, clientSecret } = app satisfies DingTalkApp;
  const pace = new Pace(Infinity, { now: () => now, sleep });
  reader = { app: { clientId, clientSecret }, cache, pace, signal: new AbortController().signal };
});

const fault = (rule: FaultRule) => dingtalk.data.faults.push(rule);
const calls = (path: string) => dingtalk.calls.filter((call) => call.path.endsWith(path)).length;
const department = (name: string, parent_id = 1) => dingtalk.addDepartment({ name, parent_id }).dept_id;
const member = (userid: string, ...departments: number[]) =>
  dingtalk.addMember({ userid, ...(departments.length && { dept_id_list: departments }) });
const scope = (departments: number[], users: string[] = []) =>
  Object.assign(dingtalk.data.apps[0], { contactScope: { departments, users } });

async function read(chosen: number[] | null = null) {
  const { departments, members } = await readDirectory(reader, chosen);
  return { departments: departments.map(({ id }) => id).sort(), members: members.map(({ userid }) => userid).sort() };
}

/** The plugin's code, or the kind of a failure at DingTalk. */
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error: { code?: string; kind?: string; message: string }) => error.code ?? error.kind ?? error.message,
  );

describe('a whole organization', () => {
  it('is read with parents before children, and without the organization itself', async () => {
    const a = department('A');
    const b = department('B', a);
    const c = department('C', b);
    const d = department('D');
    member('boss');
    member('li', c);
    const { departments, members } = await readDirectory(reader, null);
    expect(departments).toEqual([
      { id: a, name: 'A', parentId: 1 },
      { id: b, name: 'B', parentId: a },
      { id: c, name: 'C', parentId: b },
      { id: d, name: 'D', parentId: 1 },
    ]);
    expect(members).toHaveLength(2);
    expect(members.find(({ userid }) => userid === 'li')).toMatchObject({ departmentIds: [c], active: true });
    expect(members.find(({ userid }) => userid === 'boss')).toMatchObject({ departmentIds: [1] });
  });

  it('costs one call for each department, and one for each hundred members of it', async () => {
    const [a, b] = [department('A'), department('B')];
    Array.from({ length: 250 }, (_, index) => member(`a${index}`, a));
    Array.from({ length: 100 }, (_, index) => member(`b${index}`, b));
    expect((await read()).members).toHaveLength(350);
    expect([calls('/department/listsub'), calls('/user/list'), calls('/department/get')]).toEqual([3, 1 + 3 + 1, 0]);
    expect(calls('/oauth2/accessToken')).toBe(1);
  });

  it('has a member of several departments once, with what each of them says', async () => {
    const [a, b] = [department('A'), department('B')];
    dingtalk.addMember({
      userid: 'li',
      dept_id_list: [b, a],
      leader_in_dept: [
        { dept_id: a, leader: true },
        { dept_id: b, leader: false },
      ],
    });
    const { members } = await readDirectory(reader, null);
    expect(members).toEqual([
      expect.objectContaining({ userid: 'li', departmentIds: [b, a], leads: { [a]: true, [b]: false } }),
    ]);
  });

  it('keeps once what members have in common', async () => {
    const a = department('A');
    ['li', 'wu'].forEach((userid) => member(userid, a));
    const [li, wu] = (await readDirectory(reader, null)).members;
    expect(wu.leads).toBe(li.leads);
    expect(wu.departmentIds).toBe(li.departmentIds);
  });

  it('tells how far it is', async () => {
    const a = department('A');
    Array.from({ length: 101 }, (_, index) => member(`a${index}`, a));
    const told: ReadSoFar[] = [];
    await readDirectory(reader, null, (soFar) => told.push(soFar));
    expect(told.length).toBe(calls('/department/listsub') + calls('/user/list'));
    expect(told[told.length - 1]).toEqual({ departments: 1, members: 101 });
  });

  it('has no department of another book, such as that of a school’s parents', async () => {
    dingtalk.data.settings.schoolDepartments = true;
    const a = department('A');
    expect((await read()).departments).toEqual([a]);
    expect(calls('/department/listsub')).toBe(2);
  });
});

describe('a part of an organization', () => {
  let a: number, b: number, c: number;

  beforeEach(() => {
    [a, b] = [department('A'), department('B')];
    c = department('C', a);
    member('of a', a);
    member('of b', b);
    member('of c', c);
    member('of the organization');
  });

  it('is what the app may see: departments with all below, and members by themselves', async () => {
    scope([a], ['of b', 'of c']);
    expect(await read()).toEqual({ departments: [a, c], members: ['of a', 'of b', 'of c'] });
    expect(calls('/user/get')).toBe(1);
  });

  it('is read without a department that is in the scope, and gone', async () => {
    dingtalk.data.settings.brokenTree = true;
    scope([a, 4711], ['of b', 'who left']);
    expect(await read()).toEqual({ departments: [a, c], members: ['of a', 'of b', 'of c'] });
  });

  it('is what was chosen of it', async () => {
    expect(await read([c, b])).toEqual({ departments: [b, c], members: ['of b', 'of c'] });
    expect(await read([a, c])).toEqual({ departments: [a, c], members: ['of a', 'of c'] });
    expect((await read([1])).members).toHaveLength(4);
    expect((await read([])).members).toHaveLength(4);
  });

  it('has no member of other departments where departments were chosen', async () => {
    scope([a], ['of b']);
    expect(await read([a])).toEqual({ departments: [a, c], members: ['of a', 'of c'] });
  });

  it('is not read where the app may not see what was chosen', async () => {
    scope([a]);
    expect(await failureOf(read([a, b]))).toBe('scope');
    expect(await failureOf(read([1]))).toBe('scope');
  });
});

describe('what is odd', () => {
  it('a loop in the tree ends', async () => {
    dingtalk.data.settings.brokenTree = true;
    const a = department('A');
    const b = department('B', a);
    dingtalk.moveDepartment(a, b);
    scope([a]);
    member('li', b);
    const { departments, members } = await readDirectory(reader, null);
    expect(departments.map(({ id, parentId }) => [id, parentId])).toEqual([
      [a, undefined],
      [b, a],
    ]);
    expect(members).toHaveLength(1);
  });

  it('a department without its parent is a root', async () => {
    dingtalk.data.settings.brokenTree = true;
    const a = department('A', 4711);
    scope([a]);
    expect((await readDirectory(reader, null)).departments).toEqual([{ id: a, name: 'A', parentId: 4711 }]);
  });

  it('nobody and no department is no directory', async () => {
    expect(await failureOf(read())).toBe('DIRECTORY_EMPTY');
    scope([]);
    expect(await failureOf(read())).toBe('DIRECTORY_EMPTY');
  });

  it('a userid that changes hands meanwhile is no directory', async () => {
    const [a, b] = [department('A'), department('B')];
    const account = member('li', a, b);
    const changeHands = async ({ dept_id }: Record<string, unknown>) => {
      if (dept_id === b) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        account.unionId = 'another';
      }
    };
    [1, 2, 3].forEach((n) => dingtalk.onCall('v2/user/list', n, changeHands));
    expect(await failureOf(read())).toBe('DIRECTORY_INCOMPLETE');
  });
});

describe('a department that is deleted while others are read', () => {
  it.each(['60003', '60019', '40035'] as const)('is left out, its members are found elsewhere (%s)', async (code) => {
    dingtalk.data.settings.userListOfNoDepartment = code;
    const [a, b] = [department('A'), department('B')];
    member('of a', a);
    member('of b', b);
    dingtalk.onCall('v2/department/listsub', 2, () => dingtalk.removeDepartment(a));
    const { departments, members } = await read();
    expect(departments).toEqual([b]);
    expect(members).toContain('of b');
  });

  it('leaves what was below it where that is now', async () => {
    const a = department('A');
    const b = department('B', a);
    const c = department('C', b);
    member('li', c);
    dingtalk.onCall('v2/user/list', 4, () => {
      dingtalk.moveDepartment(c, 1);
      dingtalk.removeDepartment(b);
    });
    fault({ endpoint: 'v2/user/list', fault: 'noDepartment60003', where: { dept_id: b } });
    const { departments } = await readDirectory(reader, null);
    expect(departments).toEqual([
      { id: a, name: 'A', parentId: 1 },
      { id: c, name: 'C', parentId: 1 },
    ]);
  });

  it('is no reason where it is there after all', async () => {
    const a = department('A');
    fault({ endpoint: 'v2/user/list', fault: 'noDepartment60003', where: { dept_id: a } });
    expect(await failureOf(read())).toBe('gone');
  });
});

describe('T80: half an answer is none', () => {
  beforeEach(() => {
    const a = department('A');
    Array.from({ length: 150 }, (_, index) => member(`a${index}`, a));
  });

  it.each<[FaultRule['endpoint'], FaultRule['fault'], string]>([
    ['v2/user/list', 'lastPageFails', 'unexpected'],
    ['v2/user/list', 'endlessPages', 'unexpected'],
    ['v2/user/list', 'truncatedJson', 'unexpected'],
    ['v2/user/list', 'jsonNull', 'unexpected'],
    ['v2/user/list', 'permission88', 'permission'],
    ['v2/department/listsub', 'truncatedJson', 'unexpected'],
    ['v2/department/listsub', 'wrongTypes', 'unexpected'],
    ['v2/department/listsub', 'ipNotAllowed88', 'ipNotAllowed'],
    ['auth/scopes', 'jsonNull', 'unexpected'],
    ['accessToken', 'error500', 'unexpected'],
  ])('%s: %s', async (endpoint, kind, failure) => {
    fault({ endpoint, fault: kind });
    expect(await failureOf(read())).toBe(failure);
  });

  it('nothing is asked any more after the first failure', async () => {
    fault({ endpoint: 'v2/user/list', fault: 'permission88' });
    Array.from({ length: 50 }, (_, index) => department(`B${index}`));
    await failureOf(read());
    const before = dingtalk.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(dingtalk.calls.length).toBe(before);
    expect(before).toBeLessThan(60);
  });
});

describe('trouble that passes', () => {
  it('a lost answer is asked for once more, and two of them end it', async () => {
    member('li', department('A'));
    reader.timeoutMs = 200;
    fault({ endpoint: 'v2/user/list', fault: 'hang', times: 1 });
    expect((await read()).members).toEqual(['li']);
    fault({ endpoint: 'v2/user/list', fault: 'hang', times: 5 });
    expect(await failureOf(read())).toBe('unreachable');
  });

  it('throttling is waited for', async () => {
    member('li', department('A'));
    fault({ endpoint: 'v2/user/list', fault: 'throttle88', times: 4 });
    expect((await read()).members).toEqual(['li']);
    expect(pauses).toBeGreaterThan(0);
  });

  it('throttling for a minute ends it', async () => {
    member('li');
    fault({ endpoint: 'v2/user/list', fault: 'throttle88' });
    expect(await failureOf(read())).toBe('busy');
  });

  it('a token that DingTalk ends in the middle is renewed', async () => {
    member('li', department('A'));
    fault({ endpoint: 'v2/user/list', fault: 'revokedToken', times: 1 });
    expect((await read()).members).toEqual(['li']);
    expect(calls('/oauth2/accessToken')).toBe(2);
  });
});

describe('whoever ends it', () => {
  it('is told no failure of DingTalk’s, but the reason', async () => {
    const a = department('A');
    Array.from({ length: 300 }, (_, index) => member(`a${index}`, a));
    const controller = new AbortController();
    reader.signal = controller.signal;
    dingtalk.onCall('v2/user/list', 2, () => controller.abort(new Error('the server stops')));
    expect(await failureOf(read())).toBe('the server stops');
    const asked = calls('/user/list');
    expect(await failureOf(read())).toBe('the server stops');
    expect(calls('/user/list')).toBe(asked);
    expect(asked).toBeLessThan(5);
  });
});

describe('why a member is not there', () => {
  const ask = async (userid: string, unionId: string, chosen: number[] | null = null) => {
    const directory = await readDirectory(reader, chosen);
    return (await askAbsences(reader, [{ id: '7', userid, unionId }], directory, chosen)).absences.get('7');
  };
  let a: number, b: number;

  beforeEach(() => {
    [a, b] = [department('A'), department('B')];
    member('of a', a);
  });

  it('it left', async () => {
    const account = member('li', b);
    dingtalk.leave(account);
    expect(await ask('li', account.unionId)).toBe('left');
    expect([calls('/user/get'), calls('/user/getbyunionid')]).toEqual([1, 1]);
  });

  it('T61: it left, and its userid was given to another member', async () => {
    const account = member('li', b);
    dingtalk.leave(account);
    member('li', b);
    expect(await ask('li', account.unionId)).toBe('left');
  });

  it('it is an external contact now', async () => {
    const account = dingtalk.addMember({ userid: 'li', contact_type: 1 });
    expect(await ask('li', account.unionId)).toBe('left');
  });

  it('it has another userid, also where the app may not see it, or it was not chosen', async () => {
    const account = member('li new', b);
    const rows = [{ id: '7', userid: 'li', unionId: account.unionId }];
    const asked = async (chosen: number[] | null) => {
      const { absences, userids } = await askAbsences(reader, rows, await readDirectory(reader, chosen), chosen);
      return [absences.get('7'), userids.get('7')];
    };
    expect(await asked(null)).toEqual(['present', 'li new']);
    expect(await asked([a])).toEqual(['notChosen', 'li new']);
    scope([a]);
    expect(await asked(null)).toEqual(['outOfScope', 'li new']);
  });

  it('T61: it has another userid, and another member has its own', async () => {
    const account = member('li new', b);
    member('li', b);
    expect(await ask('li', account.unionId)).toBe('present');
  });

  it('it moved while others were read', async () => {
    const account = member('li', a);
    const directory = await readDirectory(reader, null);
    const rows = [{ id: '7', userid: 'li', unionId: account.unionId }];
    expect((await askAbsences(reader, rows, directory, null)).absences.get('7')).toBe('present');
    expect(await ask('li', account.unionId, [a])).toBe('present');
    expect(calls('/user/getbyunionid')).toBe(0);
  });

  it('it is in no department that was chosen', async () => {
    const account = member('li', b);
    expect(await ask('li', account.unionId, [a])).toBe('notChosen');
    expect(await ask('li', account.unionId, [1])).toBe('present');
  });

  it('the app may not see it any more', async () => {
    const account = member('li', b);
    scope([a]);
    expect(await ask('li', account.unionId)).toBe('outOfScope');
  });

  it.each<[FaultRule['endpoint'], FaultRule['fault'], string]>([
    ['v2/user/get', 'permission88', 'permission'],
    ['v2/user/get', 'error500', 'unexpected'],
    ['user/getbyunionid', 'permission88', 'permission'],
    ['user/getbyunionid', 'jsonNull', 'unexpected'],
    ['user/getbyunionid', 'outOfScope50002', 'scope'],
  ])('T80: nobody is a leaver where DingTalk does not say so (%s: %s)', async (endpoint, kind, failure) => {
    const account = member('li', b);
    dingtalk.leave(account);
    fault({ endpoint, fault: kind });
    expect(await failureOf(ask('li', account.unionId))).toBe(failure);
  });

  it('is asked of each of many', async () => {
    const accounts = Array.from({ length: 60 }, (_, index) => member(`b${index}`, b));
    accounts.filter((_, index) => index % 2).forEach((account) => dingtalk.leave(account));
    const rows = accounts.map(({ unionId }, index) => ({ id: String(index), userid: `b${index}`, unionId }));
    const { absences } = await askAbsences(reader, rows, { departments: [] }, [a]);
    expect(rows.map(({ id }) => absences.get(id))).toEqual(rows.map((_, index) => (index % 2 ? 'left' : 'notChosen')));
    expect((await askAbsences(reader, [], { departments: [] }, null)).absences).toEqual(new Map());
  });
});

describe('departments that a source knows', () => {
  it('T70: are gone where DingTalk says so, not where it only hides them', async () => {
    const [a, b] = [department('A'), department('B')];
    scope([a]);
    expect(await askGone(reader, [a, b, 4711, -7])).toEqual(new Set([4711]));
    expect(calls('/department/get')).toBe(3);
  });

  it('are not gone where it cannot be told', async () => {
    fault({ endpoint: 'v2/department/get', fault: 'permission88' });
    expect(await failureOf(askGone(reader, [4711]))).toBe('permission');
  });
});
