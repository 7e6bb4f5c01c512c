import {
  codesForPersons,
  dingTalkClientCodes,
  errorCodes,
  findingCodes,
  type DingTalkClientCode,
  type ErrorCode,
  type FindingCode,
} from '../src/shared/codes';
import { AUTH_TYPE } from '../src/shared/constants';
import type {
  AuthenticatorOptions,
  Exclusion,
  ExclusionList,
  Link,
  LinkedUsers,
  PendingLink,
  RoleChoice,
} from '../src/shared/contract';
import type { Failure } from '../src/client-common/failure';
import type { SourceOptions } from '../src/shared/directory';
import type { ChannelOptions, MessageContent } from '../src/shared/messages';
import { findings, type Answers } from './answers';
import type { Client } from './look';
import { messages } from './message-states';
import { sources } from './source-states';
import type { Say } from './words';

/** Which page of the plugin a state is of. */
export type PageName =
  'sign-in' | 'callback' | 'link' | 'test' | 'account' | 'settings' | 'source' | 'channel' | 'message';

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
  /** What the sign-in page makes of the buttons. With it, NocoBase's form is there, too. */
  first?: 'button' | 'atOnce';
  /** What the Redirect URL handed to the callback page. */
  fragment?: string;
  /** Whether NocoBase has shown another page first: what a page finishes before NocoBase shows anything is never seen. */
  isOpenedLater?: true;
  /** Whether the browser has a token. */
  hasToken?: true;
  /** What another page of the plugin left in this tab, which the code of the page reads when it loads. */
  stored?(say: Say): Record<string, string>;
  /** What is in the settings form. */
  options?: AuthenticatorOptions;
  /** NocoBase's own fields of it. Default: an authenticator that is saved and enabled. */
  record?: { id?: number; name: string; enabled?: boolean };
  /** What is in the form of a source. */
  source?: SourceOptions;
  /** What is in the form of a channel. */
  channel?: ChannelOptions;
  /** What is in the form of a message. */
  content?: MessageContent;
  /** Whether the source, or the authenticator, is saved. */
  isSaved?: true;
  /** What DingTalk's client answers when the page asks it for an authorization code. Without it there is no client. */
  dingTalkClient?: 'a code' | DingTalkClientCode;
  /** Whether the browser lets pages open tabs. */
  opensTabs?: true;
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

const linked = { nickname: '小伟', since: Date.UTC(2026, 10, 6, 12), lastSignIn: Date.UTC(2026, 10, 20, 12) };
const link: Link = { name: AUTHENTICATOR, title: COMPANY, linked: null, canUnlink: true };

const links = {
  none: [],
  notLinked: [link],
  linked: [{ ...link, linked }],
  onlyWayIn: [{ ...link, linked, canUnlink: false }],
  brokenPicture: [{ ...link, linked: { ...linked, lastSignIn: undefined, avatar: 'data:image/png;base64,AAAA' } }],
  long: [
    { ...link, title: LONG_WORD, linked: { ...linked, nickname: 'y'.repeat(255) } },
    { ...link, name: 'other', title: LONG_TITLE },
    { ...link, name: 'third', title: null, linked: { nickname: '' }, canUnlink: false },
  ],
} satisfies Record<string, Link[]>;

/** A picture that needs no server. */
const PICTURE = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path fill="#08f" d="M0 0h8v8H0z"/><circle cx="4" cy="3" r="2" fill="#fff"/><path fill="#fff" d="M1 8a3 3 0 0 1 6 0z"/></svg>',
)}`;

const pending: PendingLink = {
  confirmation: 'x'.repeat(43),
  authenticator: AUTHENTICATOR,
  title: COMPANY,
  account: { nickname: '小伟 🌸', avatar: PICTURE, corpId: 'ding7c3a91e5d04f4b2896e1b80a5d2f6c34' },
};

const since = Date.UTC(2026, 10, 6, 12);
const blocked: Exclusion[] = [
  {
    id: 1,
    reason: 'blocked',
    account: '芳芳',
    user: { id: 1, nickname: '王芳', username: 'wang-fang' },
    since,
  },
  { id: 2, reason: 'blocked', account: '小伟', user: null, since },
];
const notMatchedAgain: Exclusion[] = [
  { ...blocked[0], id: 3, reason: 'unlinked' },
  { ...blocked[1], id: 4, reason: 'detached' },
];
const longExclusions: Exclusion[] = [
  { id: 5, reason: 'blocked', account: LONG_TITLE, user: { id: 3, nickname: LONG_WORD, username: LONG_WORD }, since },
  { id: 6, reason: 'blocked', account: LONG_WORD, user: null, since },
  { id: 7, reason: 'blocked', account: '', user: null, since },
];

const roles: RoleChoice[] = [
  { name: 'root', title: 'Root', isPrivileged: true },
  { name: 'admin', title: 'Admin', isPrivileged: true },
  { name: 'finance', title: 'Finance', isPrivileged: false },
  { name: 'member', title: 'Member', isPrivileged: false },
];

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
/** Everything that can be chosen. */
const CHOSEN: AuthenticatorOptions = {
  dingtalk: {
    ...FILLED.dingtalk,
    matchByPhone: 'confirm',
    first: 'button',
    defaultRole: 'member',
    protectedRoles: ['finance'],
    emailDomains: ['example.com', 'harbour.example'],
    signUpWithoutPhone: true,
    dedicatedAccounts: true,
  },
  public: { autoSignup: true },
};
const CHOSEN_LONG: AuthenticatorOptions = {
  dingtalk: { ...CHOSEN.dingtalk, protectedRoles: [LONG_WORD], emailDomains: [`${LONG_WORD}.example`] },
};
const SIGN_UP_FOR_ANYONE: AuthenticatorOptions = {
  dingtalk: { clientId: 'x', clientSecret: 'x' },
  public: { autoSignup: true },
};

const isErrorCode = (code: string): code is ErrorCode => code in errorCodes;
/** Each code that persons are told as the name of an authenticator that is refused with it. */
const codes = Object.fromEntries(
  codesForPersons()
    .filter(isErrorCode)
    .map((code) => [code, code]),
);
const everyFinding = Object.keys(findingCodes) as FindingCode[];

/** The button with what is said below it: NocoBase's list of authenticators has one item for each. */
const button = '.ant-space-item:has(> button[aria-label])';
const waiting = '[role=status]:has(.ant-spin)';
const callback = `${waiting}, .ant-alert, a.ant-btn`;
const failed = 'div:has(> .ant-alert)';
const account = 'div:has(> h1 ~ .ant-card)';
const dialog = '[role=dialog]';
/** NocoBase's own fields and labels stand between ours. */
const form =
  '.ant-drawer-body :is(.ant-checkbox-wrapper:has(span + span), .ant-radio-group, .ant-space-compact:has(> input[readonly]), .ant-alert, .ant-form-item-extra, .ant-formily-item-extra, .ant-formily-item-control-content-component > div:has(> a[target=_blank]), section > h3, div:has(> [aria-live]), [role=note], .ant-collapse):not(.ant-collapse *)';
const alert = '[role=alert]';
const tested = 'section:has([aria-live])';
/** White on antd's red has a contrast of 3.3. */
const RED_BUTTON = ['.ant-modal .ant-btn-dangerous'];
/** And on its blue one of 4.1. */
const BLUE_BUTTON = ['.ant-btn-primary'];
const V2 = ['v2'] as const;

const signInButton = 'button:has(.anticon-dingtalk)';
const firstLink = '[data-dingtalk-first]:not([hidden]) button';
const pressSignIn = async ({ press, see }: Hands, result: string) => {
  await press(signInButton);
  await see(result);
};
const listed = '.ant-list-item';
const check = '.ant-drawer-body div:has(> [aria-live]) > div > button';
const found = '.ant-drawer-body [aria-live] li';
const test = '.ant-drawer-body div:has(> [aria-live]) + div:has(> [aria-live])';
const pressCheck = async ({ press, see }: Hands, result: string) => {
  await press(`${check}:enabled`);
  await see(result);
};
const linkedUsersPanel = '.ant-drawer-body .ant-collapse:not(:has(.ant-form-item, .ant-formily-item))';
const moreSettingsPanel = '.ant-drawer-body .ant-collapse:has(.ant-form-item, .ant-formily-item)';
const openLinkedUsers = async ({ press, see }: Hands, result: string) => {
  await press(`${linkedUsersPanel} .ant-collapse-header`);
  await see(result);
};
const openTab = async (hands: Hands, tab: ExclusionList, result: string) => {
  await openLinkedUsers(hands, '.ant-tabs-tab');
  await hands.press(`[data-node-key=${tab}] [role=tab]`);
  await hands.see(`${linkedUsersPanel} .ant-tabs-tabpane-active ${result}`);
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
  { name: 'first', page: 'sign-in', first: 'button', ours: button, show: ({ see }) => see(firstLink) },
  {
    name: 'first-several',
    page: 'sign-in',
    first: 'button',
    authenticators: { dingtalk: 'DingTalk', other: LONG_TITLE },
    ours: button,
    show: ({ see }) => see(firstLink),
  },
  {
    name: 'first-other-ways',
    page: 'sign-in',
    first: 'button',
    ours: button,
    async show({ press, see }) {
      await press(firstLink);
      await see('form input:focus');
    },
  },
  {
    name: 'first-at-once',
    page: 'sign-in',
    first: 'atOnce',
    answers: () => ({
      'authenticators:publicList': {
        data: [{ name: AUTHENTICATOR, authType: AUTH_TYPE, options: { first: 'atOnce' } }],
      },
      'dingtalk:getAuthUrl': 'silent',
    }),
    ours: button,
    show: ({ see }) => see('.ant-btn-loading'),
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
        await see(`button[aria-label=${code}] + .ant-alert`);
        await press(`button[aria-label=${code}] + .ant-alert summary`);
      }
    },
  },
];

const callbacks: State[] = [
  {
    name: 'signing-in',
    page: 'callback',
    isOpenedLater: true,
    fragment: `authenticator=${AUTHENTICATOR}&flow=x`,
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
    fragment: `authenticator=${AUTHENTICATOR}&flow=x`,
    answers: () => ({ 'auth:signIn': { refused: 'PERMISSION_MISSING' } }),
    ours: callback,
    show: ({ see }) => see(alert),
  },
  {
    name: 'failure-unreachable',
    page: 'callback',
    fragment: `authenticator=${AUTHENTICATOR}&flow=x`,
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
    name: 'failure-signed-in',
    page: 'callback',
    hasToken: true,
    stored: () => ({ dingtalk: 'http://nocobase.example.com/signin?redirect=%2Fadmin%2Fx' }),
    answers: () => ({ 'auth:check': { data: { id: 1 } } }),
    ours: failed,
    notOurs: BLUE_BUTTON,
    show: ({ see }) => see('a.ant-btn-primary'),
  },
  {
    name: 'link-first',
    page: 'callback',
    fragment: `authenticator=${AUTHENTICATOR}&flow=x`,
    answers: () => ({ 'auth:signIn': { refused: 'LINK_FIRST' } }),
    ours: failed,
    notOurs: BLUE_BUTTON,
    show: ({ see }) => see('a.ant-btn-primary'),
  },
  {
    name: 'linking',
    page: 'link',
    fragment: 'flow=x',
    answers: () => ({ 'dingtalk:link': 'silent' }),
    ours: callback,
    show: ({ see }) => see(waiting),
  },
];

/** As the page of a link leaves it to the account page. */
const linkFailure = (say: Say): Failure => ({
  sentence: say('DINGTALK_ACCOUNT_TAKEN'),
  code: 'DINGTALK_ACCOUNT_TAKEN',
  time: '2026-11-27 14:05:09 UTC+01:00',
  requestId: '0b0e0a1c-5f1d-4a52-9d2e-0e4a6a3c7f10',
});

/** The account page with these links. */
const accountPage = (name: string, known: Link[], more: Partial<State> = {}): State => ({
  name,
  page: 'account',
  ours: account,
  show: ({ see }) => see(known.length ? listed : '.ant-list-empty-text'),
  ...more,
  answers: (say) => ({
    'dingtalk:getLinks': { data: known },
    'dingtalk:getPendingLink': { data: { pending: null } },
    ...more.answers?.(say),
  }),
});

/** The account page that asks about an account that waits. */
const pendingLink = (name: string, waiting: PendingLink, more: Partial<State> = {}) =>
  accountPage(name, links.notLinked, {
    ours: dialog,
    notOurs: BLUE_BUTTON,
    show: ({ see }) => see(`${dialog} .ant-btn-primary`),
    ...more,
    answers: (say) => ({ 'dingtalk:getPendingLink': { data: { pending: waiting } }, ...more.answers?.(say) }),
  });

const accounts: State[] = [
  accountPage('account-not-linked', links.notLinked),
  accountPage('account-linked', links.linked),
  accountPage('account-broken-picture', links.brokenPicture, { show: ({ see }) => see('.ant-list-item .anticon') }),
  accountPage('account-only-way-in', links.onlyWayIn),
  accountPage('account-none', links.none),
  accountPage('account-long', links.long),
  accountPage('account-link-failed', links.notLinked, {
    stored: (say) => ({ 'dingtalk-failed-link': JSON.stringify(linkFailure(say)) }),
    show: ({ see }) => see(alert),
  }),
  accountPage('account-link-failed-unfolded', links.notLinked, {
    stored: (say) => ({ 'dingtalk-failed-link': JSON.stringify(linkFailure(say)) }),
    async show({ press, see }) {
      await press('summary');
      await see('details[open] button');
    },
  }),
  pendingLink('account-pending', pending),
  pendingLink('account-pending-unknown', { ...pending, title: null, account: { nickname: '' } }),
  pendingLink('account-pending-long', {
    ...pending,
    title: LONG_TITLE,
    account: { ...pending.account, nickname: LONG_WORD, corpId: LONG_WORD },
  }),
  pendingLink('account-pending-linking', pending, {
    answers: () => ({ 'dingtalk:confirmLink': 'silent' }),
    async show({ press, see }) {
      await press(`${dialog} .ant-btn-primary`);
      await see(`${dialog} .ant-btn-loading`);
    },
  }),
  pendingLink('account-just-linked', pending, {
    ours: account,
    answers: () => ({
      'dingtalk:getLinks': { data: links.linked },
      'dingtalk:confirmLink': { data: { authenticator: AUTHENTICATOR } },
    }),
    async show({ press, see }) {
      await press(`${dialog} .ant-btn-primary`);
      await see('.ant-alert-success');
    },
  }),
  pendingLink('account-declined', pending, {
    ours: account,
    answers: () => ({ 'dingtalk:declineLink': { data: {} } }),
    async show({ press, see }) {
      await press(`${dialog} .ant-modal-footer button:first-child`);
      await see('.ant-alert-info');
    },
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

/** What every test shows before its result. */
const TOLD: FindingCode[] = ['TEST_REDIRECT_URL', 'TEST_ORGANIZATION', 'TEST_NAME', 'TEST_PHONE', 'TEST_EMAIL_MISSING'];

/** The page on which a test of a sign-in ends. */
const testResult = (name: string, answers: State['answers'], more: Partial<State> = {}): State => ({
  name,
  page: 'test',
  hasToken: true,
  fragment: 'flow=x',
  answers,
  ours: tested,
  show: ({ see }) => see(`${tested} li`),
  ...more,
});

/** In place of findings. */
const sentence: Partial<State> = { show: ({ see }) => see(`${tested} ${alert}`) };

/** A test in which DingTalk told an account, and what the sign-in would come to. */
const foretold = (name: string, ...result: FindingCode[]) =>
  testResult(name, (say) => ({ 'dingtalk:getTestResult': { data: findings(say, [...TOLD, ...result]) } }));

const tests: State[] = [
  foretold('test-matched', 'TEST_MATCHED'),
  foretold('test-new-user', 'TEST_CREATED', 'NEW_USERS_INCOMPLETE'),
  foretold('test-refused', 'TEST_REFUSED'),
  testResult('test-failed', (say) => ({
    'dingtalk:getTestResult': { data: findings(say, ['TEST_REDIRECT_URL', 'TEST_FAILED'], 'CREDENTIALS_INVALID') },
  })),
  testResult('test-gone', () => ({ 'dingtalk:getTestResult': { refused: 'TEST_GONE' } }), sentence),
  testResult('test-denied', undefined, { fragment: 'error=ACCESS_DENIED', ...sentence }),
  testResult('testing', () => ({ 'dingtalk:getTestResult': 'silent' }), { show: ({ see }) => see(waiting) }),
];

/** As NocoBase's form begins. */
const NOT_SAVED = { name: 's_1', enabled: false };

/** The settings form of v2 with these options. */
const settingsForm = (name: string, options: AuthenticatorOptions, more: Partial<State> = {}): State => ({
  name,
  page: 'settings',
  clients: V2,
  options,
  ours: form,
  show: ({ see }) => see('.ant-space-compact > input[readonly]'),
  ...more,
  answers: (say) => ({
    'dingtalk:getRoles': { data: roles },
    'dingtalk:countMembers': { data: null },
    'environmentVariables:list': { data: [{ name: 'CLIENT_SECRET', type: 'secret' }] },
    ...more.answers?.(say),
  }),
});

/** The form with more settings opened. */
const moreSettings = (name: string, options: AuthenticatorOptions, more: Partial<State> = {}) =>
  settingsForm(name, options, {
    ours: moreSettingsPanel,
    async show({ press, see }) {
      await press(`${moreSettingsPanel} .ant-collapse-header`);
      await see('.ant-collapse-content-active');
    },
    ...more,
  });

/** The form after a check that found these. */
const checked = (name: string, options: AuthenticatorOptions, foundCodes: FindingCode[]) =>
  settingsForm(name, options, {
    record: NOT_SAVED,
    answers: (say) => ({ 'dingtalk:checkConfiguration': { data: findings(say, foundCodes) } }),
    show: (hands) => pressCheck(hands, found),
  });

/** The form after a click on the test of a sign-in. */
const testing = (name: string, answer: Answers['dingtalk:testSignIn'], more: Partial<State> = {}) =>
  settingsForm(name, FILLED, {
    ours: test,
    answers: () => ({ 'dingtalk:testSignIn': answer }),
    async show({ press, see }) {
      await press(`${test} button:enabled`);
      await see(`${test} .ant-alert`);
    },
    ...more,
  });

/** The form with the list of linked users opened. */
const linkedUsers = (name: string, list: LinkedUsers, more: Partial<State> = {}) =>
  settingsForm(name, FILLED, {
    isSaved: true,
    show: (hands) =>
      openLinkedUsers(hands, list.users.length ? listed : '.ant-list-empty-text > .ant-typography:not(:empty)'),
    ...more,
    answers: (say) => ({ 'dingtalk:getLinkedUsers': { data: list }, ...more.answers?.(say) }),
  });

/** The same, with the dialog of a button in the first row. */
const asking = (name: string, which: 'first' | 'last', more: Partial<State> = {}) =>
  linkedUsers(
    name,
    { users, more: false },
    {
      ours: dialog,
      notOurs: RED_BUTTON,
      async show(hands) {
        await openLinkedUsers(hands, listed);
        await hands.press(`${listed} button:${which}-child`);
        await hands.see(dialog);
      },
      ...more,
    },
  );

/** After a user was blocked who has these ways in. */
const justBlocked = (name: string, waysIn: string[]) =>
  asking(name, 'last', {
    ours: form,
    notOurs: undefined,
    answers: () => ({ 'dingtalk:blockUser': { data: { waysIn } } }),
    async show(hands) {
      await openLinkedUsers(hands, listed);
      await hands.press(`${listed} button:last-child`);
      await hands.press('.ant-modal .ant-btn-dangerous');
      await hands.see(`${linkedUsersPanel} .ant-alert`);
    },
  });

/** The list of who is left out. */
const excluded = (name: string, tab: ExclusionList, exclusions: Exclusion[], more: Partial<State> = {}) =>
  linkedUsers(
    name,
    { users, more: false },
    {
      answers: () => ({ 'dingtalk:getBlocked': { data: { exclusions, more: false } } }),
      show: (hands) =>
        openTab(hands, tab, exclusions.length ? listed : '.ant-list-empty-text > .ant-typography:not(:empty)'),
      ...more,
    },
  );

/** The same, with the dialog of the first row. */
const takingBack = (name: string, tab: ExclusionList, exclusions: Exclusion[]) =>
  excluded(name, tab, exclusions, {
    ours: dialog,
    notOurs: BLUE_BUTTON,
    async show(hands) {
      await openTab(hands, tab, listed);
      await hands.press(`.ant-tabs-tabpane-active ${listed} button`);
      await hands.see(dialog);
    },
  });

const settings: State[] = [
  settingsForm('settings', FILLED, { record: NOT_SAVED }),
  settingsForm(
    'settings-empty',
    {},
    {
      record: { name: 's_1' },
      answers: () => ({ 'environmentVariables:list': { data: [] } }),
      show: ({ see }) => see('a[href$="/settings/environment"]'),
    },
  ),
  settingsForm('settings-auth-uid', FILLED, {
    record: { id: 1, name: '钉钉', enabled: false },
    show: ({ see }) => see('.ant-alert-error'),
  }),
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
  testing('settings-test', { data: { url: 'https://login.dingtalk.com/' } }, { opensTabs: true }),
  testing('settings-test-no-tab', { data: { url: 'https://login.dingtalk.com/' } }),
  testing('settings-test-refused', { refused: 'ORIGIN_NOT_TRUSTED' }),
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
  asking('linked-users-unlink', 'first'),
  asking('linked-users-block', 'last'),
  justBlocked('linked-users-just-blocked', ['Password', 'SMS']),
  justBlocked('linked-users-shut-out', []),
  excluded('blocked-users', 'blocked', blocked),
  excluded('blocked-users-long', 'blocked', longExclusions),
  excluded('blocked-users-none', 'blocked', []),
  excluded('not-matched-again', 'notMatchedAgain', notMatchedAgain),
  takingBack('blocked-users-unblock', 'blocked', blocked),
  takingBack('not-matched-again-allow', 'notMatchedAgain', notMatchedAgain),
  settingsForm('settings-chosen', CHOSEN, {
    answers: () => ({ 'dingtalk:countMembers': { data: { bound: 1180, open: 3 } } }),
    show: ({ see }) => see('[role=note]'),
  }),
  moreSettings('settings-more', CHOSEN),
  moreSettings('settings-more-long', CHOSEN_LONG),
  moreSettings('settings-more-without-corp-id', { dingtalk: { signUpWithoutPhone: true, dedicatedAccounts: true } }),
  moreSettings('settings-more-unreadable', FILLED, {
    answers: () => ({ 'dingtalk:getRoles': 'unreachable' }),
    async show({ press, see }) {
      await press(`${moreSettingsPanel} .ant-collapse-header`);
      await see(alert);
    },
  }),
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
  inside('inside-dingtalk-link-first', 'a code', {
    answers: () => ({ 'auth:signIn': { refused: 'LINK_FIRST' } }),
    notOurs: BLUE_BUTTON,
    show: ({ see }) => see('a.ant-btn-primary'),
  }),
  ...dingTalkClientCodes.map((code) => inside(`inside-dingtalk-${code}`, code, { unrecorded: true })),
];

export const states: readonly State[] = [
  ...signIn,
  ...callbacks,
  ...tests,
  ...accounts,
  ...settings,
  ...sources,
  ...messages,
  ...insideDingTalk,
];

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
