import {
  dingTalkClientCodes,
  errorCodes,
  findingCodes,
  type DingTalkClientCode,
  type ErrorCode,
  type FindingCode,
} from '../src/shared/codes';
import type { AuthenticatorOptions, Link, LinkedUsers } from '../src/shared/contract';
import { findings, type Answers } from './answers';
import type { Client } from './look';
import type { Say } from './words';

/** Which page of the plugin a state is of. */
export type PageName = 'sign-in' | 'callback' | 'link' | 'account' | 'settings';

/** What a user does on a page, by CSS selectors. */
export interface Hands {
  press(selector: string): Promise<void>;
  /** Waits until it is there. */
  see(selector: string): Promise<void>;
}

/** One state of a page: all that is needed to come there. */
export interface State {
  name: string;
  page: PageName;
  /** Where it is not in both clients. NocoBase renders the form of v1 itself: it is looked at in a real NocoBase. */
  clients?: readonly Client[];
  /** Titles of the authenticators on the sign-in page, by their names. Default: one without a title. */
  authenticators?: Record<string, string>;
  /** What the Redirect URL handed to the callback page. */
  fragment?: string;
  /** What another page of the plugin left in this tab, which the code of the page reads when it loads. */
  stored?(say: Say): Record<string, string>;
  /** What is in the settings form. */
  options?: AuthenticatorOptions;
  /** What DingTalk's client answers when the page asks it for an authorization code. Without it there is no client. */
  dingTalkClient?: 'a code' | DingTalkClientCode;
  /** Whether the browser lets pages write to the clipboard. */
  clipboard?: 'allowed' | 'denied';
  answers?(say: Say): Answers;
  /** Comes from the page as it opens to the state, and waits until it is there. */
  show(hands: Hands): Promise<void>;
  /** Our parts of the page, where NocoBase's are around them. */
  ours: string;
  /** Within our parts: what antd's theme alone colors. */
  notOurs?: string[];
  /** For sentences to be seen on a page. A record of it would repeat them, and change with each of them. */
  unrecorded?: true;
}

const COMPANY = 'Harbour Tech';
const AUTHENTICATOR = 'dingtalk';

/** A text of everything that an administrator can write, of the greatest length that NocoBase keeps. */
export const LONG_TITLE =
  `<b>Harbour</b> Tech 海港科技 ${'& many more companies of the same harbour '.repeat(6)}`.slice(0, 255);
/** One word of that length. */
const LONG_WORD = 'x'.repeat(255);

const linked = { nickname: '小伟' };
const link: Link = { name: AUTHENTICATOR, title: COMPANY, linked: null, canUnlink: true };

const links = {
  none: [],
  notLinked: [link],
  linked: [{ ...link, linked }],
  onlyWayIn: [{ ...link, linked, canUnlink: false }],
  long: [
    { ...link, title: LONG_WORD, linked: { nickname: 'y'.repeat(255) } },
    { ...link, name: 'other', title: LONG_TITLE },
    { ...link, name: 'third', title: null, linked: { nickname: '' }, canUnlink: false },
  ],
} satisfies Record<string, Link[]>;

const users: LinkedUsers['users'] = [
  { id: 1, nickname: '王芳', username: 'wang-fang', linked: '芳芳' },
  { id: 2, nickname: '张伟', username: 'zhang-wei', linked: '小伟' },
];
const longUsers: LinkedUsers['users'] = [
  { id: 3, nickname: LONG_WORD, username: LONG_WORD, linked: LONG_TITLE },
  { id: 4, nickname: null, username: null, linked: '' },
];

const FILLED: AuthenticatorOptions = {
  dingtalk: {
    clientId: 'dingabcdefghijklmnop',
    clientSecret: 'A secret',
    corpId: 'ding7c3a91e5d04f4b2896e1b80a5d2f6c34',
  },
};
const SIGN_UP_FOR_ANYONE: AuthenticatorOptions = {
  dingtalk: { clientId: 'x', clientSecret: 'x' },
  public: { autoSignup: true },
};

/** Each code as the name of an authenticator that is refused with it. */
const codes = Object.fromEntries(Object.keys(errorCodes).map((code) => [code, code]));
const isErrorCode = (code: string): code is ErrorCode => code in errorCodes;
const everyFinding = Object.keys(findingCodes) as FindingCode[];

/** The button with what is said below it: NocoBase's list of authenticators has one item for each. */
const button = '.ant-space-item:has(> button[aria-label])';
const waiting = '[role=status]:has(.ant-spin)';
const callback = `${waiting}, [role=alert], a.ant-btn`;
const account = 'div:has(> h1 ~ .ant-card)';
const dialog = '[role=dialog]';
/** NocoBase's own fields and labels stand between ours. */
const form =
  '.ant-drawer-body :is(.ant-checkbox-wrapper:has(span + span), .ant-space-compact:has(> input[readonly]), .ant-alert-warning, div:has(> [aria-live]), .ant-collapse)';
const alert = '[role=alert]';
/** White on antd's red has a contrast of 3.3. */
const RED_BUTTON = ['.ant-modal .ant-btn-dangerous'];
const V2 = ['v2'] as const;

const signInButton = 'button:has(.anticon-dingtalk)';
const pressSignIn = async ({ press, see }: Hands, result: string) => {
  await press(signInButton);
  await see(result);
};
const listed = '.ant-list-item';
const check = '.ant-drawer-body div:has(> [aria-live]) > div > button';
const found = '.ant-drawer-body [aria-live] li';
const pressCheck = async ({ press, see }: Hands, result: string) => {
  await press(`${check}:enabled`);
  await see(result);
};
const openLinkedUsers = async ({ press, see }: Hands, result: string) => {
  await press('.ant-drawer-body .ant-collapse-header');
  await see(result);
};

const signIn: State[] = [
  { name: 'sign-in', page: 'sign-in', ours: button, show: ({ see }) => see(signInButton) },
  {
    name: 'sign-in-long',
    page: 'sign-in',
    authenticators: { dingtalk: 'DingTalk', other: LONG_TITLE, third: LONG_WORD },
    ours: button,
    show: ({ see }) => see(signInButton),
  },
  {
    name: 'sign-in-silent',
    page: 'sign-in',
    answers: () => ({ 'dingtalk:getAuthUrl': 'silent' }),
    ours: button,
    show: ({ see }) => see(signInButton),
  },
  {
    name: 'leaving',
    page: 'sign-in',
    answers: () => ({ 'dingtalk:getAuthUrl': 'silent' }),
    ours: button,
    show: (hands) => pressSignIn(hands, '.ant-btn-loading'),
  },
  {
    name: 'refused',
    page: 'sign-in',
    answers: () => ({ 'dingtalk:getAuthUrl': { refused: 'NOT_CONFIGURED' } }),
    ours: button,
    show: (hands) => pressSignIn(hands, alert),
  },
  {
    name: 'unreachable',
    page: 'sign-in',
    answers: () => ({ 'dingtalk:getAuthUrl': 'unreachable' }),
    ours: button,
    show: (hands) => pressSignIn(hands, alert),
  },
  {
    name: 'every-failure',
    unrecorded: true,
    page: 'sign-in',
    authenticators: codes,
    answers: () => ({
      'dingtalk:getAuthUrl': (name) => ({ refused: isErrorCode(name) ? name : 'SIGN_IN_FAILED' }),
    }),
    ours: button,
    async show({ press, see }) {
      for (const code of Object.keys(codes)) {
        await press(`button[aria-label=${code}]`);
        await see(`button[aria-label=${code}] + ${alert}`);
      }
    },
  },
];

const callbacks: State[] = [
  {
    name: 'signing-in',
    page: 'callback',
    fragment: `authenticator=${AUTHENTICATOR}&code=x&state=x`,
    answers: () => ({ 'auth:signIn': 'silent' }),
    ours: callback,
    show: ({ see }) => see(waiting),
  },
  {
    name: 'failure',
    page: 'callback',
    fragment: 'error=ACCESS_DENIED',
    ours: callback,
    show: ({ see }) => see(alert),
  },
  {
    name: 'failure-refused',
    page: 'callback',
    fragment: `authenticator=${AUTHENTICATOR}&code=x&state=x`,
    answers: () => ({ 'auth:signIn': { refused: 'PERMISSION_MISSING' } }),
    ours: callback,
    show: ({ see }) => see(alert),
  },
  {
    name: 'failure-unreachable',
    page: 'callback',
    fragment: `authenticator=${AUTHENTICATOR}&code=x&state=x`,
    answers: () => ({ 'auth:signIn': 'unreachable' }),
    ours: callback,
    show: ({ see }) => see(alert),
  },
  {
    name: 'failure-unknown',
    page: 'callback',
    fragment: 'error=Call+this+number+to+get+your+account+back',
    ours: callback,
    show: ({ see }) => see(alert),
  },
  { name: 'failure-nothing', page: 'callback', ours: callback, show: ({ see }) => see(alert) },
  {
    name: 'linking',
    page: 'link',
    fragment: 'code=x&state=x',
    answers: () => ({ 'dingtalk:link': 'silent' }),
    ours: callback,
    show: ({ see }) => see(waiting),
  },
];

/** The account page with these links. */
const accountPage = (name: string, known: Link[], more: Partial<State> = {}): State => ({
  name,
  page: 'account',
  ours: account,
  show: ({ see }) => see(known.length ? listed : '.ant-list-empty-text'),
  ...more,
  answers: (say) => ({ 'dingtalk:getLinks': { data: known }, ...more.answers?.(say) }),
});

/** What the link page leaves for the account page. */
const outcome = (value: object) => ({ 'dingtalk-link-outcome': JSON.stringify(value) });

const accounts: State[] = [
  accountPage('account-not-linked', links.notLinked),
  accountPage('account-linked', links.linked),
  accountPage('account-only-way-in', links.onlyWayIn),
  accountPage('account-none', links.none),
  accountPage('account-long', links.long),
  accountPage('account-just-linked', links.linked, { stored: () => outcome({}) }),
  accountPage('account-link-failed', links.notLinked, {
    stored: (say) => outcome({ failure: `${say('DINGTALK_ACCOUNT_TAKEN')} (DINGTALK_ACCOUNT_TAKEN)` }),
    show: ({ see }) => see(alert),
  }),
  accountPage('account-reading', links.none, {
    answers: () => ({ 'dingtalk:getLinks': 'silent' }),
    show: ({ see }) => see('.ant-spin'),
  }),
  accountPage('account-unreadable', links.none, {
    answers: () => ({ 'dingtalk:getLinks': 'unreachable' }),
    // Without links there is no card.
    ours: 'div:has(> h1)',
    show: ({ see }) => see(alert),
  }),
  accountPage('account-leaving', links.notLinked, {
    answers: () => ({ 'dingtalk:getLinkUrl': 'silent' }),
    async show({ press, see }) {
      await press(`${listed} button`);
      await see('.ant-btn-loading');
    },
  }),
  accountPage('account-failure', links.notLinked, {
    answers: () => ({ 'dingtalk:getLinkUrl': 'unreachable' }),
    async show({ press, see }) {
      await press(`${listed} button`);
      await see(alert);
    },
  }),
  accountPage('account-unlink', links.linked, {
    ours: dialog,
    notOurs: RED_BUTTON,
    async show({ press, see }) {
      await press(`${listed} button`);
      await see(dialog);
    },
  }),
  accountPage('account-unlinked', links.linked, {
    answers: () => ({ 'dingtalk:unlink': { data: {} } }),
    async show({ press, see }) {
      await press(`${listed} button`);
      await press('.ant-modal .ant-btn-dangerous');
      await see('.ant-alert-success');
    },
  }),
];

/** The settings form of v2 with these options. */
const settingsForm = (name: string, options: AuthenticatorOptions, more: Partial<State> = {}): State => ({
  name,
  page: 'settings',
  clients: V2,
  options,
  ours: form,
  show: ({ see }) => see('.ant-space-compact > input[readonly]'),
  ...more,
});

/** The form after a check that found these. */
const checked = (name: string, options: AuthenticatorOptions, foundCodes: FindingCode[]) =>
  settingsForm(name, options, {
    answers: (say) => ({ 'dingtalk:checkConfiguration': { data: findings(say, foundCodes) } }),
    show: (hands) => pressCheck(hands, found),
  });

/** The form with the list of linked users opened. */
const linkedUsers = (name: string, list: LinkedUsers, more: Partial<State> = {}) =>
  settingsForm(name, FILLED, {
    show: (hands) =>
      openLinkedUsers(hands, list.users.length ? listed : '.ant-list-empty-text > .ant-typography:not(:empty)'),
    ...more,
    answers: (say) => ({ 'dingtalk:getLinkedUsers': { data: list }, ...more.answers?.(say) }),
  });

const settings: State[] = [
  settingsForm('settings', FILLED),
  settingsForm('settings-empty', {}),
  settingsForm('settings-warning', SIGN_UP_FOR_ANYONE, { show: ({ see }) => see('.ant-alert-warning') }),
  settingsForm('settings-copied', FILLED, {
    clipboard: 'allowed',
    ours: '.ant-space-compact:has(> input[readonly]), .ant-message-notice',
    async show({ press, see }) {
      await press('.ant-space-compact > input[readonly] + button');
      await see('.ant-message-success');
    },
  }),
  settingsForm('settings-not-copied', FILLED, {
    clipboard: 'denied',
    ours: '.ant-space-compact:has(> input[readonly]), .ant-message-notice',
    async show({ press, see }) {
      await press('.ant-space-compact > input[readonly] + button');
      await see('.ant-message-error');
    },
  }),
  settingsForm('settings-checking', FILLED, {
    answers: () => ({ 'dingtalk:checkConfiguration': 'silent' }),
    show: (hands) => pressCheck(hands, '.ant-btn-loading'),
  }),
  checked('settings-check', FILLED, [
    'DINGTALK_REACHED',
    'CREDENTIALS_ACCEPTED',
    'IP_ALLOWED',
    'CORP_ID_CONFIRMED',
    'PERMISSIONS_UNSEEN',
    'REDIRECT_URL_READABLE',
    'REDIRECT_URL_UNSEEN',
  ]),
  checked('settings-check-bad', SIGN_UP_FOR_ANYONE, [
    'DINGTALK_REACHED',
    'CREDENTIALS_REFUSED',
    'ANYONE_CAN_REGISTER',
    'ORIGIN_NOT_TRUSTED',
  ]),
  { ...checked('every-finding', FILLED, everyFinding), unrecorded: true },
  settingsForm('settings-check-failed', FILLED, {
    answers: () => ({ 'dingtalk:checkConfiguration': 'unreachable' }),
    show: (hands) => pressCheck(hands, '.ant-alert-error'),
  }),
  linkedUsers('linked-users', { users, more: true }),
  linkedUsers('linked-users-long', { users: longUsers, more: false }),
  linkedUsers('linked-users-none', { users: [], more: false }),
  linkedUsers(
    'linked-users-failure',
    { users: [], more: false },
    {
      answers: () => ({ 'dingtalk:getLinkedUsers': 'unreachable' }),
      show: (hands) => openLinkedUsers(hands, alert),
    },
  ),
  linkedUsers(
    'linked-users-unlink',
    { users, more: false },
    {
      ours: dialog,
      notOurs: RED_BUTTON,
      async show(hands) {
        await openLinkedUsers(hands, listed);
        await hands.press(`${listed} button`);
        await hands.see(dialog);
      },
    },
  ),
];

/** The sign-in page in DingTalk's client, with an authenticator that signs in by itself. */
const inside = (name: string, dingTalkClient: State['dingTalkClient'], more: Partial<State>): State => ({
  name,
  page: 'sign-in',
  dingTalkClient,
  ours: button,
  show: ({ see }) => see(alert),
  ...more,
  answers: (say) => ({
    'systemSettings:get': { data: { title: 'NocoBase' } },
    'dingtalk:getState': { data: { state: 'x' } },
    ...more.answers?.(say),
  }),
});

const insideDingTalk: State[] = [
  inside('inside-dingtalk', 'a code', {
    answers: () => ({ 'auth:signIn': 'silent' }),
    ours: waiting,
    show: ({ see }) => see(waiting),
  }),
  inside('inside-dingtalk-refused', 'a code', { answers: () => ({ 'auth:signIn': { refused: 'NOT_A_MEMBER' } }) }),
  ...dingTalkClientCodes.map((code) => inside(`inside-dingtalk-${code}`, code, { unrecorded: true })),
];

export const states: readonly State[] = [...signIn, ...callbacks, ...accounts, ...settings, ...insideDingTalk];

/** Every state as it is in each client that has it. */
export const shown = (clients: readonly Client[]) =>
  clients.flatMap((client) =>
    states.filter((state) => !state.clients || state.clients.includes(client)).map((state) => ({ state, client })),
  );

export function stateOf(name: string | null): State {
  const state = states.find((each) => each.name === name);
  if (!state) {
    throw new Error(`There is no state "${name}".`);
  }
  return state;
}
