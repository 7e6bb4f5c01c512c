import type { Model } from '@nocobase/database';
import { describeOnEachDatabase } from '../../../testing/nocobase/databases';
import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { signIn } from '../../../testing/nocobase/sign-in';

// That the database finds a number however it is written, without handing over the whole table. Which texts are read as
// a number is in phone.test.ts.

describeOnEachDatabase('a stored phone number', (dialect) => {
  let nocobase: NocoBase;
  let dingtalk: DingTalk;

  beforeAll(async () => {
    dingtalk = await startDingTalk();
    nocobase = await startNocoBase(dialect);
    await nocobase.addAuthenticator('dingtalk', { autoSignup: true });
  }, 60_000);

  afterAll(async () => {
    await nocobase?.stop();
    await dingtalk?.close();
  });

  const withZero = (zero: number) => (mobile: string) =>
    [...mobile].map((digit) => String.fromCodePoint(zero + Number(digit))).join('');
  const grouped = (gap: string) => (mobile: string) =>
    [mobile.slice(0, 3), mobile.slice(3, 7), mobile.slice(7)].join(gap);

  const spellings: [string, (mobile: string) => string][] = [
    ['as iPhones copy it', (mobile) => `\u202d${mobile}\u202c`],
    ['with a zero-width space', (mobile) => `${mobile.slice(0, 3)}\u200b${mobile.slice(3, 7)} ${mobile.slice(7)}`],
    ['with non-breaking hyphens', grouped('\u2011')],
    ['with minus signs', grouped('\u2212')],
    ['with a variation selector', (mobile) => `${mobile}\ufe0e`],
    ['in full-width digits and signs', (mobile) => `＋８６－${grouped('－')(withZero(0xff10)(mobile))}`],
    ['in Arabic-Indic digits', withZero(0x660)],
    ['in Persian digits', withZero(0x6f0)],
    ['in Devanagari digits', withZero(0x966)],
  ];

  it.each(spellings)('%s is found', async (_, spell) => {
    const account = dingtalk.addAccount();
    const user = await nocobase.addUser({ nickname: 'Known by phone', phone: spell(account.mobile) });
    expect(await signIn(nocobase, dingtalk, { account: account.id })).toMatchObject({ user: { id: user.get('id') } });
  });

  it.each(spellings)('T49: %s and as it is, of two users, signs in neither', async (_, spell) => {
    const account = dingtalk.addAccount();
    await nocobase.addUser({ nickname: 'Looks like another', phone: spell(account.mobile) });
    await nocobase.addUser({ nickname: 'Clean', phone: account.mobile });
    // The attack: who compares the texts, or looks for digits alone, finds one user and signs them in.
    const found = await nocobase.db.getRepository('users').find({ filter: { phone: account.mobile } });
    expect(found.map((user: Model) => user.get('nickname'))).toEqual(['Clean']);
    const before = await nocobase.everything();
    expect(await signIn(nocobase, dingtalk, { account: account.id })).toMatchObject({ code: 'PHONE_AMBIGUOUS' });
    expect(await nocobase.everything()).toBe(before);
  });

  it('in digits beyond the first 65,536 characters is found', async () => {
    const account = dingtalk.addAccount();
    const user = await nocobase.addUser({ nickname: 'Bold', phone: withZero(0x1d7ce)(account.mobile) });
    expect(await signIn(nocobase, dingtalk, { account: account.id })).toMatchObject({ user: { id: user.get('id') } });
  });

  it('of others who have unseen characters in it fills no place among the candidates', async () => {
    const account = dingtalk.addAccount();
    const others = Array.from({ length: 120 }, (_, index) => ({
      phone: `\u202d139${String(index).padStart(8, '0')}\u202c`,
    }));
    await nocobase.db.getCollection('users').model.bulkCreate(others);
    const user = await nocobase.addUser({ nickname: 'One of many', phone: `\u202d${account.mobile}\u202c` });
    expect(await signIn(nocobase, dingtalk, { account: account.id })).toMatchObject({ user: { id: user.get('id') } });
  });
});
