import type { z } from 'zod';
import { withStub } from '../../../testing/nocobase/stub';
import {
  countMembers,
  countSchema,
  departmentIdsSchema,
  departmentSchema,
  departmentsSchema,
  directoryMemberSchema,
  getDepartment,
  getDirectoryMember,
  getScopes,
  listMembers,
  listParentDepartmentIds,
  listSubDepartmentIds,
  listSubDepartments,
  pageSchema,
  scopesSchema,
} from './address-book';
import { DingTalkError } from './errors';
import { parseOapiAnswer } from './oapi';

const parse = <T>(schema: z.ZodType<T>, result: unknown): T =>
  parseOapiAnswer({ endpoint: '/topapi/x', status: 200, json: { errcode: 0, result } }, schema);

/** An answer that says nothing, or half of it: an error, and never less than there is. */
function expectRefused(schema: z.ZodType, result: unknown) {
  const refused = expect.objectContaining({ kind: 'unexpected', reason: 'not an answer of DingTalk' });
  expect(() => parse(schema, result)).toThrow(refused);
}

const inTime = () => AbortSignal.timeout(5000);

/** What one call sends, and what it makes of DingTalk’s answer. */
async function ask<T>(answer: object, call: (signal: AbortSignal) => Promise<T>) {
  // NocoBase warns that the stub is on this machine.
  jest.spyOn(console, 'warn').mockReturnValue();
  let sent = '';
  const result = await withStub(
    ({ method, url }, response, body) => {
      sent = `${method} ${url} ${body}`;
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
    },
    () => call(inTime()),
  );
  return { sent, result };
}

const member = { userid: 'zhangsan', dept_id_list: [2, 3] };
const page = { has_more: false, list: [member] };

/** As DingTalk’s document shows a member, with real types. */
const full = {
  ...member,
  unionid: 'z21HjQliSzpw0YWCNxmii6u2Os62cZ62iSZ',
  name: '张三',
  avatar: 'https://static.example/a.png',
  state_code: '86',
  mobile: '18500000000',
  hide_mobile: false,
  job_number: '4',
  title: '技术总监',
  email: 'a@x.example',
  org_email: 'a@corp.example',
  work_place: '未来park',
  extension: '{"爱好":"旅游"}',
  dept_order: 1,
  active: true,
  exclusive_account: false,
};

const read = {
  userid: 'zhangsan',
  unionId: 'z21HjQliSzpw0YWCNxmii6u2Os62cZ62iSZ',
  name: '张三',
  avatar: 'https://static.example/a.png',
  mobile: '18500000000',
  stateCode: '86',
  email: 'a@x.example',
  orgEmail: 'a@corp.example',
  jobNumber: '4',
  title: '技术总监',
  workPlace: '未来park',
  departmentIds: [2, 3],
  active: true,
  isDedicated: false,
};

describe('each function asks one endpoint, and reads what it answers', () => {
  const ok = (result: unknown) => ({ errcode: 0, errmsg: 'ok', result, request_id: 'x' });
  const department = { auto_add_user: true, dept_id: 37, name: '市场部', parent_id: 1 };

  it.each<[string, string, object, (signal: AbortSignal) => Promise<unknown>, unknown]>([
    [
      'the sub-departments',
      'POST /topapi/v2/department/listsub?access_token=T {"dept_id":1}',
      ok([department]),
      (signal) => listSubDepartments('T', 1, signal),
      [{ id: 37, name: '市场部', parentId: 1 }],
    ],
    [
      'a department',
      'POST /topapi/v2/department/get?access_token=T {"dept_id":37}',
      ok(department),
      (signal) => getDepartment('T', 37, signal),
      { id: 37, name: '市场部', parentId: 1 },
    ],
    [
      'the ids of the sub-departments',
      'POST /topapi/v2/department/listsubid?access_token=T {"dept_id":1}',
      ok({ dept_id_list: [37, 38] }),
      (signal) => listSubDepartmentIds('T', 1, signal),
      [37, 38],
    ],
    [
      'the ids of a department and of all above it',
      'POST /topapi/v2/department/listparentbydept?access_token=T {"dept_id":42}',
      ok({ parent_id_list: [42, 37, 1] }),
      (signal) => listParentDepartmentIds('T', 42, signal),
      [42, 37, 1],
    ],
    [
      'the members of a department',
      'POST /topapi/v2/user/list?access_token=T {"dept_id":2,"cursor":0,"size":100}',
      ok({ has_more: true, next_cursor: 100, list: [{ ...full, leader: true }] }),
      (signal) => listMembers('T', 2, 0, signal),
      { members: [{ ...read, leads: { 2: true } }], nextCursor: 100 },
    ],
    [
      'their last page',
      'POST /topapi/v2/user/list?access_token=T {"dept_id":2,"cursor":100,"size":100}',
      ok({ has_more: false, next_cursor: 0, list: [member] }),
      (signal) => listMembers('T', 2, 100, signal),
      { members: [{ userid: 'zhangsan', departmentIds: [2, 3], leads: {}, active: true, isDedicated: false }] },
    ],
    [
      'one member',
      'POST /topapi/v2/user/get?access_token=T {"userid":"zhang wei"}',
      ok({
        ...full,
        leader_in_dept: [
          { dept_id: 2, leader: false },
          { dept_id: 3, leader: true },
        ],
      }),
      (signal) => getDirectoryMember('T', 'zhang wei', signal),
      { ...read, leads: { 2: false, 3: true } },
    ],
    [
      'how many members there are',
      'POST /topapi/user/count?access_token=T {"only_active":false}',
      ok({ count: 1200 }),
      (signal) => countMembers('T', signal),
      1200,
    ],
    [
      'what the app may see',
      'GET /auth/scopes?access_token=T ',
      {
        errcode: 0,
        errmsg: 'ok',
        condition_field: [],
        auth_user_field: ['name', 'jobnumber'],
        auth_org_scopes: { authed_user: ['zhang wei'], authed_dept: [1] },
      },
      (signal) => getScopes('T', signal),
      { departmentIds: [1], userids: ['zhang wei'], fields: ['name', 'jobnumber'] },
    ],
  ])('%s', async (_, request, answer, call, expected) => {
    const { sent, result } = await ask(answer, call);
    expect(sent).toBe(request);
    expect(result).toEqual(expected);
  });

  it('T86: an answer may be a MiB long, and no longer: it is no fault of the connection, and ends no other reading', async () => {
    const answerOf = (bytes: number) => ({ errcode: 0, result: { count: 1 }, filler: 'x'.repeat(bytes - 46) });
    expect(JSON.stringify(answerOf(100))).toHaveLength(100);
    const { result } = await ask(answerOf(1024 * 1024), (signal) => countMembers('T', signal));
    expect(result).toBe(1);
    await expect(ask(answerOf(1024 * 1024 + 1), (signal) => countMembers('T', signal))).rejects.toMatchObject({
      kind: 'unexpected',
      reason: 'maxContentLength size of 1048576 exceeded',
    });
  });

  it('T86: a page of members with long remarks may be 4 MiB long, and no longer', async () => {
    const [member] = page.list;
    const answerOf = (bytes: number) => ok({ ...page, list: [{ ...member, remark: 'x'.repeat(bytes) }] });
    const list = (bytes: number) => ask(answerOf(bytes), (signal) => listMembers('T', 2, 0, signal));
    const { members } = (await list(3.9 * 1024 * 1024)).result;
    expect(members).toHaveLength(1);
    await expect(list(4 * 1024 * 1024)).rejects.toMatchObject({
      kind: 'unexpected',
      reason: 'maxContentLength size of 4194304 exceeded',
    });
  });

  it.each([100, 99, 0, -1])('a page after 100 that is followed by %s is no answer', async (next) => {
    const call = (signal: AbortSignal) => listMembers('T', 2, 100, signal);
    const answer = ok({ ...page, has_more: true, next_cursor: next });
    const error = await ask(answer, call).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DingTalkError);
    expect(error).toMatchObject({ kind: 'unexpected', endpoint: '/topapi/v2/user/list' });
  });
});

describe('half an answer is an error, and never a shorter list', () => {
  const homeless = { userid: 'zhangsan' };

  it.each<[string, z.ZodType, unknown]>([
    ['no list of departments', departmentsSchema, undefined],
    ['null for the departments', departmentsSchema, null],
    ['a text for the departments', departmentsSchema, 'none'],
    ['a list of departments that was cut', departmentsSchema, '[{"dept_id":2,"name":"a"}'],
    ['a department without id', departmentsSchema, [{ name: '市场部' }]],
    ['a department without name', departmentsSchema, [{ dept_id: 2 }]],
    ['nothing for a department', departmentSchema, {}],
    ['no ids of departments', departmentIdsSchema, {}],
    ['an id that is no number', departmentIdsSchema, { dept_id_list: [2, 'x'] }],
    ['an id that is a fraction', departmentIdsSchema, { dept_id_list: [2.5] }],
    ['an id that JavaScript rounds', departmentIdsSchema, { dept_id_list: [2 ** 53] }],
    ['no members', pageSchema, { has_more: false }],
    ['null for the members', pageSchema, { has_more: false, list: null }],
    ['a member without userid', pageSchema, { ...page, list: [member, { ...member, userid: undefined }] }],
    ['a member whose userid PostgreSQL refuses', pageSchema, { ...page, list: [{ ...member, userid: 'a\0' }] }],
    ['a member of whom nobody knows where', pageSchema, { ...page, list: [homeless] }],
    ['an object without members', pageSchema, { ...page, list: {} }],
    ['nothing about further pages', pageSchema, { list: [member] }],
    ['further pages, and no cursor', pageSchema, { ...page, has_more: true }],
    ['further pages, and a cursor that is none', pageSchema, { ...page, has_more: true, next_cursor: 'next' }],
    ['one member without departments', directoryMemberSchema, homeless],
    ['no number of members', countSchema, {}],
    ['a number below 0', countSchema, { count: -1 }],
    ['no departments that the app may see', scopesSchema, { auth_org_scopes: { authed_user: [] } }],
    ['no members whom the app may see', scopesSchema, { auth_org_scopes: { authed_dept: [] } }],
    ['no scopes', scopesSchema, { auth_user_field: [] }],
  ])('%s', (_name, schema, result) => {
    expectRefused(schema, result);
  });
});

describe('what DingTalk’s documents show in other types is read the same', () => {
  it('departments', () => {
    const expected = [{ id: 37, name: '9', parentId: 1 }];
    const written = { dept_id: '37', name: 9, parent_id: '1' };
    for (const result of [[written], written, JSON.stringify([written])]) {
      expect(parse(departmentsSchema, result)).toEqual(expected);
    }
    expect(parse(departmentIdsSchema, { dept_id_list: '[37,38]' })).toEqual({ dept_id_list: [37, 38] });
    expect(parse(countSchema, { count: '4' })).toEqual({ count: 4 });
  });

  it('members', () => {
    const written = { ...full, dept_id_list: '[2,3]', active: 'false', exclusive_account: 'true', job_number: 4 };
    const expected = { ...full, active: false, exclusive_account: true };
    const { list, ...rest } = parse(pageSchema, { has_more: 'true', next_cursor: '10', list: written });
    expect(rest).toEqual({ has_more: true, next_cursor: 10 });
    expect(expected).toMatchObject(list[0]);
    const leads = { leader_in_dept: { dept_id: '2', leader: 'true' } };
    expect(parse(directoryMemberSchema, { ...written, ...leads })).toEqual({
      ...read,
      active: false,
      isDedicated: true,
      leads: { 2: true },
    });
  });

  it('scopes', () => {
    const result = { auth_user_field: 'name', auth_org_scopes: { authed_dept: '[2]', authed_user: '["a","[b"]' } };
    expect(parse(scopesSchema, result)).toEqual({ departmentIds: [2], userids: ['a', '[b'], fields: ['name'] });
  });
});

describe('a member', () => {
  const optional = 'unionid name avatar mobile state_code email org_email job_number title work_place'.split(' ');

  it.each(optional)('keeps the others where the %s is not one', (field) => {
    for (const value of [undefined, null, '', '  ', {}, [], true]) {
      const known = Object.values(parse(directoryMemberSchema, { ...full, [field]: value }));
      expect(known.filter((each) => each === undefined)).toHaveLength(1);
    }
  });

  it('without permissions has what is left', () => {
    expect(parse(directoryMemberSchema, member)).toEqual({
      userid: 'zhangsan',
      departmentIds: [2, 3],
      leads: {},
      active: true,
      isDedicated: false,
    });
  });

  it.each([undefined, null, 'yes', 1, {}])('whose flags are %j has joined, as most have, and leads nothing', (flag) => {
    const flags = { active: flag, exclusive_account: flag, leader: flag };
    expect(parse(pageSchema, { ...page, list: [{ ...member, ...flags }] }).list).toEqual([
      { ...member, active: true, exclusive_account: false },
    ]);
  });

  it('leads the departments of those entries that are well-formed', () => {
    const entries = [{ dept_id: 2, leader: true }, null, { dept_id: 'x', leader: true }, { dept_id: 3, leader: 'no' }];
    const leads = (leader_in_dept: unknown) => parse(directoryMemberSchema, { ...member, leader_in_dept }).leads;
    expect(leads(entries)).toEqual({ 2: true });
    expect(leads('none')).toEqual({});
    expect(leads([{ dept_id: -7, leader: true }])).toEqual({});
  });

  it('has no text that a database refuses', () => {
    const name = (written: string) => parse(directoryMemberSchema, { ...member, name: written }).name;
    expect(name(' 王\0芳 ')).toBe('王芳');
    expect(name('芳\ud83d')).toBe('芳');
    expect(name('\0')).toBeUndefined();
    expect(name('👩‍💻 أب <b>')).toBe('👩‍💻 أب <b>');
    expect(name('长'.repeat(300))).toHaveLength(300);
  });
});

describe('a department', () => {
  it.each([0, -1, -7, '-7'])('with the id %s is of another book, and left out', (id) => {
    const departments = [
      { dept_id: id, name: '家校通讯录' },
      { dept_id: 2, name: '市场部' },
    ];
    expect(parse(departmentsSchema, departments)).toEqual([{ id: 2, name: '市场部' }]);
    expect(parse(departmentIdsSchema, { dept_id_list: [id, 2] })).toEqual({ dept_id_list: [2] });
    expect(parse(directoryMemberSchema, { ...member, dept_id_list: [3, id, 2] }).departmentIds).toEqual([3, 2]);
  });

  it('may have any id that JavaScript counts exactly', () => {
    const ids = [1, 2 ** 31, Number.MAX_SAFE_INTEGER];
    expect(parse(departmentIdsSchema, { dept_id_list: ids })).toEqual({ dept_id_list: ids });
    expect(parse(departmentIdsSchema, { dept_id_list: ids.map(String) })).toEqual({ dept_id_list: ids });
  });

  it.each([undefined, null, 0, -1, 'x'])('has no parent where DingTalk names %j', (parent) => {
    expect(parse(departmentSchema, { dept_id: 1, name: '总公司', parent_id: parent })).toEqual({
      id: 1,
      name: '总公司',
    });
  });

  it.each(['', '  ', '\0', '　'])('whose name is blank (%j) has its id as name', (name) => {
    expect(parse(departmentSchema, { dept_id: 2, name })).toEqual({ id: 2, name: '2' });
  });

  it('may be none: an empty list is an answer', () => {
    expect(parse(departmentsSchema, [])).toEqual([]);
    expect(parse(pageSchema, { has_more: false, list: [] })).toEqual({ has_more: false, list: [] });
  });
});
