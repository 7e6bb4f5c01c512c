import { type DingTalk, startDingTalk } from '../../../testing/nocobase/dingtalk';
import { type NocoBase, startNocoBase } from '../../../testing/nocobase/nocobase';
import { signIn, signInInside } from '../../../testing/nocobase/sign-in';

// That what organizations do differently ends in a session. What is read of DingTalk's answers is in
// dingtalk-account.test.ts, how numbers are read in accounts/phone.test.ts.

let nocobase: NocoBase;
let dingtalk: DingTalk;

beforeAll(async () => {
  dingtalk = await startDingTalk();
  nocobase = await startNocoBase();
  const corpId = dingtalk.corpId;
  await nocobase.addAuthenticator('dingtalk', { corpId });
  await nocobase.addAuthenticator('inside', { corpId, autoSignIn: true });
}, 60_000);

afterAll(async () => {
  await nocobase?.stop();
  await dingtalk?.close();
});

/** An account and the user who has its number. */
async function known(phone?: string) {
  const account = dingtalk.addAccount();
  const user = await nocobase.addUser({ nickname: 'Known', phone: phone ?? account.mobile });
  return { account, membership: account.memberships[0], id: user.get('id') };
}

it.each(['张伟01', 'zhang wei'])('a member whose userid the organization chose is signed in: %s', async (userid) => {
  const { account, membership, id } = await known();
  membership.userid = userid;
  expect(await signInInside(nocobase, dingtalk, { account: account.id })).toMatchObject({ status: 200, user: { id } });
});

it('members of an organization with an older app are signed in inside DingTalk', async () => {
  const { account, id } = await known();
  await nocobase.app.cache.reset();
  dingtalk.data.apps[0].tokenNeedsCorpId = true;
  const outcome = await signInInside(nocobase, dingtalk, { account: account.id });
  dingtalk.data.apps[0].tokenNeedsCorpId = false;
  expect(outcome).toMatchObject({ status: 200, user: { id } });
});

const numbers: [string, string | undefined, string][] = [
  ['+86-13412340001', undefined, '13412340001'],
  ['+86-13412340002', '86', '13412340002'],
  ['+852-51230003', undefined, '+852 5123 0003'],
  ['0085251230004', '852', '+85251230004'],
  ['3590005', '1242', '+1 242 359 0005'],
  ['\u202d13412340006\u202c', '+86', '13412340006'],
];

it.each(numbers)('%s with the code %s is the number of the user, of the account', async (mobile, stateCode, phone) => {
  const { account, id } = await known(phone);
  Object.assign(account, { mobile, stateCode });
  expect(await signIn(nocobase, dingtalk, { account: account.id })).toMatchObject({ status: 200, user: { id } });
  await nocobase.db.getRepository('users').destroy({ filterByTk: id as number });
});

it.each(numbers)('%s with the code %s is the same of the address book', async (mobile, state_code, phone) => {
  const { account, membership, id } = await known(phone);
  Object.assign(membership, { mobile, state_code });
  expect(await signInInside(nocobase, dingtalk, { account: account.id })).toMatchObject({ status: 200, user: { id } });
});

it('T49: a number that names one country, beside the code of another, is nobody’s', async () => {
  const { account, membership } = await known('+85251230007');
  Object.assign(account, { mobile: '+852-51230007', stateCode: '86' });
  Object.assign(membership, { mobile: '+852-51230007', state_code: '86' });
  const before = await nocobase.everything();
  for (const attempt of [signIn, signInInside]) {
    expect(await attempt(nocobase, dingtalk, { account: account.id })).toMatchObject({ code: 'PHONE_UNAVAILABLE' });
  }
  expect(await nocobase.everything()).toBe(before);
});

it('a dedicated account without a phone number is told that it can be linked', async () => {
  const account = dingtalk.addAccount({ dedicatedTo: dingtalk.corpId, mobile: undefined });
  const outcome = await signIn(nocobase, dingtalk, { account: account.id });
  expect(outcome).toMatchObject({ status: 403, code: 'PHONE_UNAVAILABLE' });
  expect(outcome.message).toContain('link your DingTalk account');
});

it.each([
  ['/signin?redirect=/admin/x?a=1&b=2#z', '/admin/x?a=1&b=2#z'],
  ['/signin?redirect=/m', '/m'],
  ['/signin?redirect=/signin/dingtalk#code=c', '/admin'],
  ['/signin?redirect=/api/auth:signOut', '/admin'],
])('T50: from %s a sign-in leads to %s', async (address, redirect) => {
  const { account } = await known();
  const attempt = { account: account.id, redirect: `${nocobase.url}${address}` };
  expect(await signIn(nocobase, dingtalk, attempt)).toMatchObject({ status: 200, redirect });
  expect(await signInInside(nocobase, dingtalk, attempt)).toMatchObject({ status: 200, redirect });
});
