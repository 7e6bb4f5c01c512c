import { directory, member, settings, state, user } from '../../../../testing/directory/company';
import type { Follow } from '../../../shared/directory';
import type { DirectoryMember } from '../../dingtalk/address-book';
import { planFields } from './fields';
import { know } from './known';
import type { PlanSettings, UserFacts } from '../types';

interface Case {
  given?: Partial<DirectoryMember>;
  others?: DirectoryMember[];
  /** Null for a user who is created. */
  who?: UserFacts | null;
  users?: UserFacts[];
  written?: Record<string, string>;
  isCreated?: boolean;
  isPrivileged?: boolean;
  rootNames?: string[];
  options?: Partial<PlanSettings>;
}

const planned = ({ given, others = [], users = [], rootNames = [], options, who, ...rest }: Case) => {
  const one = member('ada', { name: undefined, ...given });
  const target = who === undefined ? user('ada') : (who ?? undefined);
  const all = [...(target ? [target] : []), ...users];
  const known = know(directory([one, ...others]), state({ users: all, rootNames }), settings(options));
  return planFields({ member: one, user: target, written: {}, isCreated: false, isPrivileged: false, ...rest }, known);
};

const title = (follow: Follow, current: string, written?: string): Case => ({
  given: { title: 'Engineer' },
  who: user('ada', { columns: { job: current } }),
  written: written === undefined ? {} : { job: written },
  options: { fields: { title: { column: 'job', follow } } },
});
const write = { values: { job: 'Engineer' }, written: { job: 'Engineer' }, notes: [] };
const leave = (written: Record<string, string> = {}) => ({ values: {}, written, notes: [] });

describe('when a column is written', () => {
  it.each<[string, Case, object]>([
    ['ours: empty', title('ours', ''), write],
    ['ours: as it was written last', title('ours', 'Clerk', 'Clerk'), write],
    ['ours: changed by hand', title('ours', 'Boss', 'Clerk'), leave({ job: 'Clerk' })],
    ['ours: entered by hand', title('ours', 'Boss'), leave()],
    ['ours: emptied by hand', title('ours', '', 'Clerk'), write],
    ['ours: the same already, and ours from now on', title('ours', 'Engineer'), leave({ job: 'Engineer' })],
    ['always: changed by hand', title('always', 'Boss', 'Clerk'), write],
    ['always: the same', title('always', 'Engineer', 'Engineer'), leave({ job: 'Engineer' })],
    ['once: empty', title('once', ''), write],
    ['once: written before, and emptied by hand', title('once', '', 'Clerk'), leave({ job: 'Clerk' })],
    ['once: as it was written', title('once', 'Clerk', 'Clerk'), leave({ job: 'Clerk' })],
    [
      'what DingTalk does not tell empties nothing',
      { ...title('always', 'Boss', 'Boss'), given: {} },
      leave({ job: 'Boss' }),
    ],
    ['nor what is blank', { ...title('always', 'Boss', 'Boss'), given: { title: ' \u200b' } }, leave({ job: 'Boss' })],
    [
      'longer than the column',
      { ...title('always', ''), given: { title: 'x'.repeat(256) } },
      { ...leave(), notes: ['VALUE_TOO_LONG'] },
    ],
  ])('%s', (_, given, expected) => {
    expect(planned(given)).toEqual(expected);
  });
});

const byPhone = (current: string | undefined, more: Case = {}): Case => ({
  given: { mobile: '13800138000' },
  who: user('ada', { phone: current }),
  isCreated: true,
  ...more,
});
const email = (more: Case = {}): Case => ({
  given: { orgEmail: 'Ada@corp.example', email: 'ada@home.example' },
  options: { emailDomains: ['corp.example'], fields: { email: { column: 'email', follow: 'ours' } } },
  ...more,
});
const avatar = (address: string): Case => ({
  given: { avatar: address },
  options: { fields: { avatar: { column: 'picture', follow: 'always' } } },
});
const phone = { phone: '13800138000' };

describe('what is written', () => {
  it.each<[string, Case, object, string[]]>([
    ['a name, cleaned', { given: { name: ' A\u202eda\n' }, who: null }, { nickname: 'Ada' }, []],
    [
      'a name of 300 characters, cut',
      { given: { name: 'x'.repeat(300) }, who: null },
      { nickname: 'x'.repeat(255) },
      [],
    ],
    ['T77: no name of a system account', { given: { name: 'Admin' }, who: null }, {}, ['NAME_RESERVED']],
    [
      'nor that of root, whatever it is called',
      { given: { name: 'The Boss' }, who: null, rootNames: ['the boss'] },
      {},
      ['NAME_RESERVED'],
    ],
    [
      'no picture again that the table cannot hold',
      { given: { name: 'Ada😀' }, who: user('ada', { columns: { nickname: 'Ada' } }), written: { nickname: 'Ada😀' } },
      {},
      [],
    ],

    ['the phone number of a user whom the source made', byPhone(undefined), phone, []],
    [
      'of a foreign country with the country',
      byPhone(undefined, { given: { mobile: '4155550100', stateCode: '1' } }),
      { phone: '+14155550100' },
      [],
    ],
    [
      'not again in another spelling',
      byPhone('+86 138-0013-8000', { options: { fields: { phone: { column: 'phone', follow: 'always' } } } }),
      {},
      [],
    ],
    [
      'a new number, where the old one is ours',
      byPhone('+86 13900139000', { written: { phone: '+8613900139000' } }),
      phone,
      [],
    ],
    ['T63: not of an existing user', byPhone(undefined, { isCreated: false }), {}, []],
    [
      'of an existing user where an administrator chose it',
      byPhone(undefined, { isCreated: false, options: { writesPhoneOfOthers: true } }),
      phone,
      [],
    ],
    [
      'not one that another user has, in any spelling',
      byPhone(undefined, { users: [user('bob', { phone: '+86 138 0013 8000' })] }),
      {},
      ['PHONE_TAKEN'],
    ],
    [
      'not one that another member has',
      byPhone(undefined, { others: [member('eve', { mobile: '13800138000' })] }),
      {},
      ['PHONE_TAKEN'],
    ],
    ['not a masked one', byPhone(undefined, { given: { mobile: '138****8000' } }), {}, []],

    ['the mailbox of the organization, of a named domain', email(), { email: 'Ada@corp.example' }, []],
    ['T63: no address of another domain', email({ given: { email: 'ada@home.example' } }), {}, []],
    [
      'not one that another user has',
      email({ users: [user('bob', { email: 'ADA@corp.example' })] }),
      {},
      ['EMAIL_TAKEN'],
    ],
    [
      'not one that another member has',
      email({ others: [member('eve', { orgEmail: 'ada@corp.example' })] }),
      {},
      ['EMAIL_TAKEN'],
    ],

    ['a picture by HTTPS', avatar('https://static.example/a.png'), { picture: 'https://static.example/a.png' }, []],
    ['T77: no script as a picture', avatar('javascript:alert(1)'), {}, []],
    ['no picture without TLS', avatar('http://static.example/a.png'), {}, []],
    ['no address that ends an attribute', avatar('https://static.example/a.png" onload="x'), {}, []],
  ])('%s', (_, given, values, notes) => {
    const { values: written, notes: noted } = planned(given);
    expect({ written, noted }).toEqual({ written: values, noted: notes });
  });

  it('T63, T64: never the name, phone number or e-mail address of a privileged user, by no follow and in no column', () => {
    const fields = {
      nickname: { column: 'nickname', follow: 'always' },
      phone: { column: 'phone', follow: 'always' },
      email: { column: 'email', follow: 'always' },
      jobNumber: { column: 'password', follow: 'always' },
      title: { column: 'job', follow: 'always' },
    } as const;
    const given = {
      name: 'Eve',
      mobile: '13800138000',
      orgEmail: 'eve@corp.example',
      jobNumber: 'secret',
      title: 'CIO',
    };
    const options = { fields, writesPhoneOfOthers: true, emailDomains: ['corp.example'] };
    expect(planned({ given, options }).values).toMatchObject({ nickname: 'Eve', phone: '13800138000' });
    expect(planned({ given, options, isPrivileged: true }).values).toEqual({ job: 'CIO' });
  });
});
