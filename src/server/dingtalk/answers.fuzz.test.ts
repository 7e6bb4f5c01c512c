import fc from 'fast-check';
import type { z } from 'zod';
import { check, checkSpeed, json, objectWith, text, value } from '../../../testing/fuzz';
import { departmentsSchema, directoryMemberSchema, pageSchema, scopesSchema } from './address-book';
import { parseAnswer, profileSchema, userTokenSchema } from './api';
import { DingTalkError } from './errors';
import { parseOapiAnswer } from './oapi';

function parse<T>(status: number, answer: unknown, schema: z.ZodType<T>): T | undefined {
  try {
    return parseAnswer({ endpoint: '/x', status, json: answer }, schema);
  } catch (error) {
    expect(error).toBeInstanceOf(DingTalkError);
    return undefined;
  }
}

describe('parseAnswer, of anything', () => {
  it('gives texts, or refuses with a DingTalkError', () => {
    const body = fc.oneof(
      objectWith('accessToken', 'corpId', 'unionId', 'openId', 'nick', 'mobile', 'stateCode', 'email', 'avatarUrl'),
      objectWith('code', 'requestid', 'message', 'status'),
      json,
    );
    const status = fc.oneof(fc.constant(200), fc.integer({ min: 100, max: 999 }));
    check(fc.tuple(body, status), ([answer, httpStatus]) => {
      for (const schema of [userTokenSchema, profileSchema] as z.ZodType<object>[]) {
        const fields = Object.values(parse(httpStatus, JSON.parse(answer), schema) ?? {});
        expect(fields.every((field) => field === undefined || typeof field === 'string')).toBe(true);
      }
    });
  });

  it('T19: takes less than 50 ms for 100 kB', () => {
    checkSpeed((read) => [
      parse(200, { unionId: read, mobile: read }, profileSchema),
      parse(200, { code: read, requestid: read }, profileSchema),
    ]);
  });
});

describe('the address book, of anything', () => {
  function parseResult<T>(result: unknown, schema: z.ZodType<T>): T | undefined {
    try {
      return parseOapiAnswer({ endpoint: '/x', status: 200, json: { errcode: 0, result } }, schema);
    } catch (error) {
      expect(error).toMatchObject({ name: 'DingTalkError', kind: 'unexpected' });
      return undefined;
    }
  }

  const ids = fc.oneof(
    fc.array(fc.oneof(fc.integer(), fc.double(), fc.integer().map(String))).map((list) => JSON.stringify(list)),
    json,
  );
  const member = fc
    .tuple(
      objectWith(
        'name',
        'unionid',
        'avatar',
        'mobile',
        'email',
        'active',
        'leader',
        'leader_in_dept',
        'exclusive_account',
      ),
      ids,
      text,
    )
    .map(([fields, list, userid]) => ({ ...JSON.parse(fields), dept_id_list: JSON.parse(list), userid }));

  const isId = (id: unknown) => Number.isSafeInteger(id) && Number(id) > 0;
  const isStorable = (read: unknown) => typeof read !== 'string' || !/[\0\p{Cs}]/u.test(read);

  it('gives members with a userid, ids of departments, and texts that a database takes', () => {
    let isRead = 0;
    check(member, (written) => {
      const found = parseResult(written, directoryMemberSchema);
      if (found) {
        isRead++;
        expect(found.userid).not.toBe('');
        expect(found.departmentIds.every(isId)).toBe(true);
        expect(Object.keys(found.leads).every((id) => isId(Number(id)))).toBe(true);
        expect(Object.values(found.leads).every((leads) => typeof leads === 'boolean')).toBe(true);
        expect([found.active, found.isDedicated].every((flag) => typeof flag === 'boolean')).toBe(true);
        expect(Object.values(found).every(isStorable)).toBe(true);
      }
    });
    expect(isRead).toBeGreaterThan(0);
  });

  it('gives a page with as many members as were written, or refuses it', () => {
    const flag = fc.constantFrom(true, false, 'true', 'false', 1, null, undefined);
    const pages = fc.record({ list: fc.array(member, { maxLength: 4 }), has_more: flag, next_cursor: value });
    check(pages, (written) => {
      const found = parseResult(written, pageSchema);
      expect(found?.list.length ?? written.list.length).toBe(written.list.length);
      expect(found?.has_more && !Number.isSafeInteger(found.next_cursor)).toBeFalsy();
    });
  });

  it('gives departments with an id and a name, and the scopes of an app, or refuses them', () => {
    const department = objectWith('dept_id', 'name', 'parent_id').map((written) => JSON.parse(written));
    check(fc.oneof(fc.array(department), department, value), (written) => {
      for (const { id, name } of parseResult(written, departmentsSchema) ?? []) {
        expect(isId(id) && name.length > 0 && isStorable(name)).toBe(true);
      }
    });
    check(fc.record({ authed_dept: value, authed_user: value, auth_user_field: value }), (written) => {
      const { departmentIds, userids } = parseResult({ ...written, auth_org_scopes: written }, scopesSchema) ?? {};
      expect((departmentIds ?? []).every(isId)).toBe(true);
      expect((userids ?? []).every((userid) => typeof userid === 'string' && userid !== '')).toBe(true);
    });
  });

  it('T19: takes less than 50 ms for 100 kB', () => {
    checkSpeed((read) => parseResult({ userid: 'a', name: read, dept_id_list: [1] }, directoryMemberSchema));
    checkSpeed((read) => parseResult([{ dept_id: 1, name: read }], departmentsSchema));
  });
});
