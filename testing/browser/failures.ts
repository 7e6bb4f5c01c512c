import type { Emulator } from '../../emulator';
import type { Visitor } from './visitor';
import type { Words } from './words';
import type { AuthenticatorOptions } from './world';

/** A page of both clients that is not their first one. */
export const DEEP_LINK = '/admin/settings/system-settings?from=mail';

export interface Failure {
  when: string;
  code: Words;
  authenticator?: AuthenticatorOptions;
  prepare?: (dingTalk: Emulator) => void;
  decide: (visitor: Visitor) => Promise<void>;
}

const agrees = (visitor: Visitor) => visitor.agrees();
const autoSignup = true;

/** Ways in which a sign-in ends badly, from the moment at which the person decides in DingTalk. */
export const failures: Failure[] = [
  { when: 'nobody has the phone number, and sign-up is off', code: 'USER_NOT_FOUND', decide: agrees },
  { when: 'the person refuses', code: 'ACCESS_DENIED', decide: (visitor) => visitor.refuses() },
  {
    when: 'the code was used up',
    code: 'CODE_INVALID',
    authenticator: { autoSignup },
    async decide(visitor) {
      await useCodeUp(visitor);
      await visitor.agrees();
    },
  },
  {
    when: 'the browser has lost its cookies',
    code: 'STATE_INVALID',
    authenticator: { autoSignup },
    async decide(visitor) {
      await visitor.context.clearCookies();
      await visitor.agrees();
    },
  },
  {
    when: 'the Client Secret is wrong',
    code: 'CREDENTIALS_INVALID',
    authenticator: { autoSignup, clientSecret: 'wrong' },
    decide: agrees,
  },
  {
    when: 'the app lacks a permission',
    code: 'PERMISSION_MISSING',
    authenticator: { autoSignup },
    prepare({ data: { apps } }) {
      apps[0].permissions = apps[0].permissions.filter((permission) => permission !== 'Contact.User.Read');
    },
    decide: agrees,
  },
  {
    when: 'DingTalk cannot be reached',
    code: 'DINGTALK_UNAVAILABLE',
    authenticator: { autoSignup },
    prepare({ data: { faults } }) {
      faults.push({ endpoint: 'userAccessToken', fault: 'reset' });
    },
    decide: agrees,
  },
];

/** Somebody else redeems the code before NocoBase does. */
async function useCodeUp({ page, world: { emulator } }: Visitor): Promise<void> {
  const [{ clientId, clientSecret }] = emulator.data.apps;
  await page.route('**/auth:signIn', async (route) => {
    const { code } = route.request().postDataJSON();
    await fetch(`${emulator.url}/v1.0/oauth2/userAccessToken`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ clientId, clientSecret, code, grantType: 'authorization_code' }),
    });
    await route.continue();
  });
}
