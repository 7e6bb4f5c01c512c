import type { FindingCode } from '../src/shared/codes';
import type { Counts, Entry, Preview, RunSummary, SourceOptions, SourceState } from '../src/shared/directory';
import type { EventCallback, EventState } from '../src/shared/events';
import { findings, type Answers } from './answers';
import type { Hands, State } from './states';
import type { Say } from './words';

// The states of a source's form, inside NocoBase's form of sources.

const noCounts: Counts = {
  ...{ created: 0, bound: 0, updated: 0, returned: 0, detached: 0, suspended: 0, deleted: 0, kept: 0 },
  ...{ outside: 0, added: 0, changed: 0, removed: 0, open: 0, skipped: 0, failed: 0, unchanged: 0 },
};
const counts: Counts = {
  ...noCounts,
  detached: 1,
  open: 3,
  added: 2,
  created: 12,
  updated: 2,
  skipped: 1,
  unchanged: 1180,
};
const takenAway = { members: 1, departments: 0, memberships: 2 };

const LONG_WORD = 'x'.repeat(255);

const entries: Entry[] = [
  {
    kind: 'member',
    id: 'manager4220',
    name: '李娜',
    action: 'detached',
    userId: '9',
    left: ['Sales', 'Harbour'],
    waysIn: ['Password', 'API_KEYS'],
  },
  { kind: 'member', id: '0123456', name: '王芳', action: 'open', reason: 'PHONE_SHARED' },
  {
    kind: 'member',
    id: '0123457',
    name: '',
    action: 'open',
    reason: 'DEPARTMENT_PRIVILEGED',
    userId: '5',
    department: 7,
  },
  { kind: 'member', id: '0123458', name: '小伟', action: 'open', reason: 'UNLINKED_BEFORE' },
  {
    kind: 'member',
    id: '0123459',
    name: '张伟',
    action: 'created',
    fields: ['nickname', 'phone'],
    joined: ['Sales'],
    notes: ['EMAIL_TAKEN'],
  },
  { kind: 'department', id: '42', name: 'Night shift', action: 'removed', notes: ['DEPARTMENT_IN_USE'] },
  { kind: 'member', id: '0123460', name: '赵敏', action: 'skipped', reason: 'LEFT_OUT' },
];
const longEntries: Entry[] = [
  {
    ...entries[0],
    id: LONG_WORD,
    name: LONG_WORD,
    left: [LONG_WORD],
    waysIn: [LONG_WORD],
    notes: ['USER_UNDELETABLE'],
  },
  { ...entries[1], id: 'y'.repeat(64), name: LONG_WORD, reason: 'OLD_KEY' },
  { ...entries[6], name: '<b>张伟</b>' },
];

const preview: Preview = { counts, takenAway, wouldStop: false, entries, total: entries.length };

// Noon in the time zone of the browser that looks at it: a record has the time.
const noon = (day: number) => new Date(2026, 10, day, 12).getTime();
const run: RunSummary = {
  id: '12',
  trigger: 'schedule',
  began: noon(26),
  ended: noon(26),
  outcome: 'success',
  counts,
  takenAway,
};
const saved: SourceState = {
  isOff: false,
  isRunning: false,
  lastRun: run,
  nextRun: noon(27),
  members: { bound: 1180, open: 3, left: 9 },
};
const stopped: SourceState = {
  ...saved,
  lastRun: { ...run, outcome: 'stopped' },
  stop: {
    id: 'stop',
    since: noon(26),
    takenAway: { members: 214, departments: 3, memberships: 260 },
    entries: [entries[0], { ...entries[0], id: 'manager4221', name: '周杰', waysIn: [] }],
  },
};
const otherOrganization: SourceState = {
  ...saved,
  isOff: true,
  newStart: { corpId: 'ding7c3a91e5d04f4b2896e1b80a5d2f6c34', clientId: 'dingabcdefghijklmnop' },
};

const hears: EventState = {
  mode: 'stream',
  isOff: false,
  connection: { state: 'open', since: noon(26) },
  lastEvent: { at: noon(27), type: 'user_leave_org' },
  waiting: 0,
};
const callback: EventCallback = {
  url: 'https://nocobase.example.com/api/dingtalk:event?source=dingtalk',
  isMade: true,
  madeAt: noon(26),
  checkedAt: noon(27),
};
const isCalled: EventState = { mode: 'http', isOff: false, callback, lastEvent: hears.lastEvent, waiting: 3 };
const notCalled: EventState = {
  mode: 'http',
  isOff: false,
  callback: { url: callback.url, isMade: false },
  waiting: 0,
};
const event: RunSummary = { ...run, id: '13', trigger: 'event', counts: { ...noCounts, detached: 1 } };

const CHOSEN: SourceOptions = {
  authenticator: 'dingtalk',
  departments: [2, 3],
  newUsers: 'link',
  leavers: 'delete',
  fields: {
    nickname: { column: 'nickname', follow: 'always' },
    phone: { column: 'phone', follow: 'ours', newUsersOnly: true },
    jobNumber: { column: 'jobNumber', follow: 'once' },
  },
  schedule: { time: '03:15', zone: 'Asia/Shanghai' },
  brake: { percent: 20 },
};
const USUAL: SourceOptions = { authenticator: 'dingtalk', schedule: { time: '03:15', zone: 'Asia/Shanghai' } };

const dialog = '[role=dialog]';
const panel = '.ant-collapse-content-active';
const trial = '.ant-drawer-body div:has(> [aria-busy])';
const events = '.ant-drawer-body [role=radiogroup] ~ section';
const state = `.ant-drawer-body section:not(${events})`;
/** antd's theme alone colors it: white on its red and on its blue, and what is not filled in yet. */
const COLORS_OF_ANTD = ['.ant-modal .ant-btn-dangerous', '.ant-btn-primary'];

const answersOf = (more: Answers = {}): Answers => ({
  'dingtalk:listAuthenticators': {
    data: [
      { name: 'dingtalk', title: 'Harbour Tech', hasCorpId: true },
      { name: 'other', title: 'Other', hasCorpId: false },
    ],
  },
  'dingtalk:getDepartments': {
    data: [
      { id: 2, name: 'Sales', isPrivileged: false },
      { id: 3, name: 'Board', isPrivileged: true },
    ],
  },
  'collections:listMeta': { data: [{ name: 'users', fields: [] }] },
  'userDataSyncSources:list': { data: [{ id: 1 }] },
  'dingtalk:getSourceState': { data: saved },
  'dingtalk:getEventState': { data: hears },
  'dingtalk:getRuns': { data: [run] },
  'dingtalk:getReport': { data: { ...run, entries, total: 120 } },
  ...more,
});

const sourceForm = (name: string, source: SourceOptions, more: Partial<State> & { known?: Answers } = {}): State => {
  const { known, ...others } = more;
  return {
    name,
    page: 'source',
    clients: ['v2'],
    source,
    ours: '.ant-drawer-body',
    notOurs: COLORS_OF_ANTD,
    answers: () => answersOf(known),
    show: ({ see }) => see('.ant-drawer-body [aria-busy]'),
    ...others,
  };
};

/** After one of the buttons below the fields. */
const tried = (name: string, which: 1 | 2, known: Answers, result: string) =>
  sourceForm(name, USUAL, {
    known,
    ours: trial,
    async show({ press, see }) {
      await press(`${trial} > div > button:nth-child(${which}):enabled`);
      await see(`${trial} ${result}`);
    },
  });

/** A source that is saved, with what is known of it. */
const savedSource = (name: string, current: SourceState, more: Partial<State> = {}) =>
  sourceForm(name, USUAL, {
    isSaved: true,
    ours: state,
    known: { 'dingtalk:getSourceState': { data: current } },
    show: ({ see }) => see(`${state} [aria-live] > div`),
    ...more,
  });

const openReport = async ({ press, see }: Hands) => {
  await press(`${state} .ant-collapse-item:first-child > .ant-collapse-header`);
  await see(`${state} .ant-list-item button`);
};

/** How a source that is saved hears of changes. */
const hearing = (name: string, current: EventState, more: Partial<State> = {}) =>
  sourceForm(
    name,
    { ...USUAL, events: current.mode },
    {
      isSaved: true,
      ours: events,
      answers: () => answersOf({ 'dingtalk:getEventState': { data: current } }),
      show: ({ see }) => see(events),
      ...more,
    },
  );

/** What the server says comes in the language of the page. */
const saying =
  (what: (say: Say) => Partial<EventState>): State['answers'] =>
  (say) =>
    answersOf({ 'dingtalk:getEventState': { data: { ...hears, ...what(say) } } });

const makeKeys = `${events} > button`;

const everyFinding: FindingCode[] = [
  ...(['SCOPE_PART', 'LEAVERS_NOT_READABLE', 'PHONES_NOT_READABLE', 'DEPARTMENTS_PRIVILEGED'] as const),
  ...(['PHONE_IS_WAY_IN', 'EMAIL_DOMAINS_MISSING', 'MATCH_BY_PHONE_OFF'] as const),
];

export const sources: State[] = [
  sourceForm('source-new', {}),
  // NocoBase's own fields and labels stand between ours.
  sourceForm('source-form', USUAL, {
    ours: '.ant-drawer-body :is([role=radiogroup], [role=group])',
    show: ({ see }) => see('.ant-drawer-body [role=group]'),
  }),
  sourceForm('source-chosen', CHOSEN, { show: ({ see }) => see('.ant-select-selection-item[title=Sales]') }),
  sourceForm('source-more', CHOSEN, {
    ours: '.ant-collapse',
    async show({ press, see }) {
      await press('.ant-collapse-header');
      await see(panel);
    },
  }),
  {
    ...tried('source-check', 1, {}, 'li'),
    answers: (say) => answersOf({ 'dingtalk:checkSource': { data: findings(say, everyFinding) } }),
  },
  tried('source-preview', 2, { 'dingtalk:previewRun': { data: preview } }, '.ant-list-item'),
  tried(
    'source-preview-long',
    2,
    {
      'dingtalk:previewRun': {
        data: { ...preview, wouldStop: true, entries: longEntries, total: 300 },
      },
    },
    '.ant-list-item',
  ),
  tried(
    'source-preview-member',
    2,
    {
      'dingtalk:previewRun': {
        data: {
          ...preview,
          entries: [],
          member: { entry: entries[4], known: ['nickname', 'phone', 'jobNumber'], departments: ['Sales', 'Harbour'] },
        },
      },
    },
    'section',
  ),
  tried('source-preview-failed', 2, { 'dingtalk:previewRun': { refused: 'DIRECTORY_PERMISSION' } }, '.ant-alert-error'),
  savedSource('source-saved', { ...saved, isRunning: true }),
  savedSource('source-stopped', stopped, {
    async show({ press, see }) {
      await press(`${state} .ant-alert .ant-collapse-header`);
      await see(`${state} .ant-list-item`);
    },
  }),
  savedSource('source-allow-stop', stopped, {
    ours: dialog,
    async show({ press, see }) {
      await press(`${state} .ant-alert .ant-flex > button`);
      await see(dialog);
    },
  }),
  savedSource('source-other-organization', otherOrganization),
  savedSource('source-report', saved, { show: openReport }),
  savedSource('source-report-events', saved, {
    answers: () =>
      answersOf({
        'dingtalk:getRuns': { data: [event, run] },
        'dingtalk:getReport': { data: { ...event, entries: [entries[0]], total: 1 } },
      }),
    async show(hands) {
      await openReport(hands);
      await hands.press(`${state} [role=radiogroup] label:last-child input`);
      await hands.see(`${state} [role=radiogroup] label:last-child.ant-radio-button-wrapper-checked`);
    },
  }),
  savedSource('source-end-ways-in', saved, {
    ours: dialog,
    async show(hands) {
      await openReport(hands);
      await hands.press(`${state} .ant-list-item:first-child button`);
      await hands.see(dialog);
    },
  }),
  savedSource('source-link-user', saved, {
    ours: dialog,
    answers: () =>
      answersOf({
        'users:list': {
          data: [
            { id: 1, nickname: '王芳', username: 'wang-fang' },
            { id: 2, nickname: LONG_WORD, username: null },
          ],
        },
      }),
    async show(hands) {
      await openReport(hands);
      await hands.press(`${state} .ant-list-item:nth-child(2) button`);
      await hands.see(`${dialog} [type=radio]`);
    },
  }),
  hearing('source-stream', hears),
  hearing('source-stream-new', {
    ...hears,
    connection: { state: 'connecting', since: noon(27) },
    lastEvent: undefined,
  }),
  hearing('source-stream-waiting', hears, {
    answers: saying((say) => ({
      connection: { state: 'waiting', since: noon(26), until: noon(27), message: say('DINGTALK_UNAVAILABLE_CAUSE') },
      waiting: 12,
      failure: { since: noon(26), message: say('DINGTALK_UNAVAILABLE_CAUSE') },
      foreign: { count: 214, types: ['bpms_task_change', 'bpms_instance_change', LONG_WORD] },
    })),
  }),
  hearing('source-stream-refused', hears, {
    answers: saying((say) => ({
      connection: { state: 'refused', since: noon(26), until: noon(27), message: say('CREDENTIALS_INVALID_CAUSE') },
    })),
  }),
  hearing('source-stream-off', { ...hears, isOff: true, connection: undefined }),
  hearing('source-stream-unreachable', hears, {
    ours: '[role=radiogroup] ~ [role=alert].ant-alert-error',
    answers: () => answersOf({ 'dingtalk:getEventState': 'unreachable' }),
    show: ({ see }) => see('[role=radiogroup] ~ [role=alert].ant-alert-error'),
  }),
  hearing('source-http', { ...isCalled, callback: { ...callback, skewMs: -185_000 } }),
  hearing('source-http-new', notCalled),
  hearing('source-http-ask', isCalled, {
    ours: dialog,
    async show({ press, see }) {
      await press(makeKeys);
      await see(dialog);
    },
  }),
  // The keys come after the question, in a dialog of their own.
  hearing('source-http-keys', isCalled, {
    ours: dialog,
    answers: () =>
      answersOf({
        'dingtalk:getEventState': { data: isCalled },
        'dingtalk:renewCallback': { data: { url: callback.url, token: 'x'.repeat(32), aesKey: 'y'.repeat(43) } },
      }),
    async show({ press, see }) {
      await press(makeKeys);
      await press(`${dialog} .ant-btn-dangerous`);
      await see(`${dialog} input`);
    },
  }),
];
