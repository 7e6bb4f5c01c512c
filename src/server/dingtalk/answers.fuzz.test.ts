import fc from 'fast-check';
import type { z } from 'zod';
import { check, checkSpeed, json, objectWith } from '../../../testing/fuzz';
import { parseAnswer, profileSchema, userTokenSchema } from './api';
import { DingTalkError } from './errors';

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
