import { parseOptions } from './options';

const refused = (options: unknown) => {
  try {
    parseOptions(options);
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('the options of a source', () => {
  it('have defaults', () => {
    expect(parseOptions({ authenticator: 'dingtalk' })).toEqual({
      authenticator: 'dingtalk',
      departments: null,
      newUsers: 'create',
      leavers: 'detach',
      fields: { nickname: { column: 'nickname', follow: 'ours' }, phone: { column: 'phone', follow: 'ours' } },
      writesPhoneOfOthers: false,
      schedule: null,
      brake: { free: 5, percent: 10, most: 100 },
      events: 'stream',
    });
  });

  it('take the phone number of everybody only where it was chosen', () => {
    const phone = { column: 'phone', follow: 'ours' } as const;
    expect(parseOptions({ authenticator: 'a', fields: { phone } })).toMatchObject({
      fields: { phone },
      writesPhoneOfOthers: true,
    });
    expect(parseOptions({ authenticator: 'a', fields: { phone: { ...phone, newUsersOnly: true } } })).toMatchObject({
      writesPhoneOfOthers: false,
    });
    expect(parseOptions({ authenticator: 'a', fields: {} })).toMatchObject({ fields: {}, writesPhoneOfOthers: false });
  });

  it('keep what one limit of the brake is not', () => {
    expect(parseOptions({ authenticator: 'a', brake: { percent: 20 } }).brake).toEqual({
      free: 5,
      percent: 20,
      most: 100,
    });
  });

  it('take an empty list of departments for all, and one twice for once', () => {
    expect(parseOptions({ authenticator: 'a', departments: [] }).departments).toBeNull();
    expect(parseOptions({ authenticator: 'a', departments: [7, 7, 8] }).departments).toEqual([7, 8]);
  });

  it.each([
    ['nothing', undefined],
    ['no object', 'dingtalk'],
    ['no authenticator', {}],
    ['a name with a line break', { authenticator: 'a\nb' }],
    ['departments of other books', { authenticator: 'a', departments: [-7] }],
    ['the department 0', { authenticator: 'a', departments: [0] }],
    ['departments as texts', { authenticator: 'a', departments: ['7'] }],
    ['a field that is not known', { authenticator: 'a', fields: { password: { column: 'password', follow: 'ours' } } }],
    ['another way to follow', { authenticator: 'a', fields: { title: { column: 'title', follow: 'never' } } }],
    [
      'two fields for one column',
      {
        authenticator: 'a',
        fields: { title: { column: 'x', follow: 'ours' }, jobNumber: { column: 'x', follow: 'ours' } },
      },
    ],
    ['another policy for leavers', { authenticator: 'a', leavers: 'destroy' }],
    ['a time that is none', { authenticator: 'a', schedule: { time: '24:00', zone: 'UTC' } }],
    ['a zone that is none', { authenticator: 'a', schedule: { time: '03:00', zone: 'Nowhere' } }],
    ['a brake that never stops', { authenticator: 'a', brake: { percent: 100 } }],
    ['a brake that is off', { authenticator: 'a', brake: { most: 100_000 } }],
    ['half a percent', { authenticator: 'a', brake: { percent: 1.5 } }],
  ])('are refused: %s', (_, options) => {
    expect(refused(options)).toBe('SOURCE_INVALID');
  });
});
