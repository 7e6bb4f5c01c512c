import { DingTalkError, type DingTalkErrorKind } from './errors';
import { contactSchema, memberIdSchema, memberSchema, parseOapiAnswer } from './oapi';

const parse = (json: unknown, status = 200, schema: Parameters<typeof parseOapiAnswer>[1] = memberIdSchema) =>
  parseOapiAnswer({ endpoint: '/topapi/x', status, json }, schema);

function errorOf(...answer: Parameters<typeof parse>): unknown {
  try {
    return { answer: parse(...answer) };
  } catch (error) {
    return error;
  }
}

const member = { userid: 'manager4220', unionid: 'union' };

describe('an answer of oapi.dingtalk.com', () => {
  const kinds: [string, DingTalkErrorKind][] = [
    ['40078', 'code'],
    ['40079', 'notMember'],
    ['60121', 'notMember'],
    ['33012', 'notMember'],
    ['50002', 'scope'],
    ['50004', 'scope'],
    ['60003', 'gone'],
    ['60011', 'permission'],
    ['60020', 'ipNotAllowed'],
    ['40014', 'token'],
    ['42001', 'token'],
    ['90001', 'busy'],
    ['90002', 'busy'],
    ['90009', 'busy'],
    ['90010', 'busy'],
    ['90018', 'busy'],
    ['90000', 'unexpected'],
    ['90019', 'unexpected'],
    ['190018', 'unexpected'],
    ['900180', 'unexpected'],
    ['-1', 'unexpected'],
    ['43007', 'unexpected'],
    ['40035', 'unexpected'],
    ['400002', 'unexpected'],
    ['constructor', 'unexpected'],
    ['__proto__', 'unexpected'],
  ];

  it.each(kinds)('with the errcode %s is an error of kind %s, as text and as number', (errcode, kind) => {
    for (const value of [errcode, Number(errcode)]) {
      if (!Number.isNaN(value)) {
        expect(errorOf({ errcode: value, errmsg: '无', request_id: '16l4ew3d47pdp' })).toMatchObject({
          kind,
          endpoint: '/topapi/x',
          status: 200,
          dingTalkCode: errcode,
          requestId: '16l4ew3d47pdp',
          reason: 'refused by DingTalk',
        });
      }
    }
  });

  it.each(kinds)('of its gateway, with the sub_code %s, is an error of kind %s', (code, kind) => {
    const error = errorOf({ errcode: 88, sub_code: code, sub_msg: '无', request_id: '16l4ew3d47pdp' });
    expect(error).toMatchObject({ kind, dingTalkCode: code });
  });

  it.each<[unknown, number, DingTalkErrorKind]>([
    [undefined, 429, 'busy'],
    [{ status: 1111 }, 200, 'busy'],
    [undefined, 200, 'unexpected'],
    [null, 200, 'unexpected'],
    [[{ errcode: 0, result: member }], 200, 'unexpected'],
    [{ result: member }, 200, 'unexpected'],
    [{ errcode: 0 }, 200, 'unexpected'],
    [{ errcode: 0, result: { userid: 'x' } }, 200, 'unexpected'],
    [{ errcode: [0], result: member }, 200, 'unexpected'],
  ])('%j with HTTP %s has no code, and is an error of kind %s', (json, status, kind) => {
    expect(errorOf(json, status)).toMatchObject({
      kind,
      status,
      dingTalkCode: undefined,
      reason: 'not an answer of DingTalk',
    });
    expect(errorOf(json, status)).toBeInstanceOf(DingTalkError);
  });

  it.each([0, '0'])('with the errcode %j is read', (errcode) => {
    expect(parse({ errcode, result: { ...member, sys: true } })).toEqual(member);
  });

  it.each(['张伟01', 'zhang wei', ' a ', 'ü@x.example', '1'.repeat(64), '👩‍💻'.repeat(12)])(
    'a member may have the userid %j, which the organization chose',
    (userid) => {
      expect(parse({ errcode: 0, result: { ...member, userid } })).toEqual({ ...member, userid });
    },
  );

  it.each(['', 'a\ud83d', 'a\0b', 'a\nb', 'x'.repeat(256), null, { $ne: null }])(
    'a member has not the userid %j',
    (userid) => {
      expect(errorOf({ errcode: 0, result: { ...member, userid } })).toMatchObject({ kind: 'unexpected' });
    },
  );

  it('fields of a member that are not set are left out', () => {
    const unset = { name: '', avatar: null, mobile: undefined, state_code: [] };
    expect(parse({ errcode: 0, result: { unionid: 'u', ...unset } }, 200, memberSchema)).toEqual({ unionid: 'u' });
  });

  it('fields of a member are read', () => {
    const set = { name: '王芳', avatar: 'https://x', mobile: '13800138000', state_code: '86' };
    const result = { ...set, mobile: 13800138000, state_code: 86, unionid: 'u', email: 'not read' };
    expect(parse({ errcode: 0, result }, 200, memberSchema)).toEqual({ unionid: 'u', ...set });
  });

  it.each([0, '0', 1, '1'])('whether a contact is an employee is read, as %j', (type) => {
    const result = { userid: 'zhang wei', contact_type: type };
    expect(parse({ errcode: 0, result }, 200, contactSchema)).toEqual({
      userid: 'zhang wei',
      contact_type: String(type),
    });
  });
});
