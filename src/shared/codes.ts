/**
 * Every code that a user or an administrator can read. Each is also the key of its sentence in `locale/*.json`, and has
 * a row in docs/troubleshooting.md. A code of which persons are told has a second sentence, see `CauseKey`.
 */

/** Who can put it right: the user, the administrator (of NocoBase or of the DingTalk app), or DingTalk itself. */
type Actor = 'user' | 'administrator' | 'dingtalk';

/** The HTTP status of the answer, and who can put it right. */
type Codes = Record<string, { status: number; actor: Actor }>;

/**
 * How a sign-in or the linking of an account can fail. Each has two sentences: its own, for the person who wants to sign
 * in, and that of its `CauseKey`, for the administrator.
 *
 * No status is a 5xx but those of our own faults: a reverse proxy may replace the body of a 502 or 503 by a page of its
 * own, and the user would never read the sentence.
 */
const personCodes = {
  // The request, or the browser that sends it
  REQUEST_INVALID: { status: 400, actor: 'user' },
  STATE_INVALID: { status: 401, actor: 'user' },
  CODE_INVALID: { status: 401, actor: 'user' },
  ACCESS_DENIED: { status: 401, actor: 'user' },
  // The settings, in NocoBase
  AUTHENTICATOR_UNAVAILABLE: { status: 404, actor: 'administrator' },
  NOT_CONFIGURED: { status: 424, actor: 'administrator' },
  ORIGIN_NOT_TRUSTED: { status: 403, actor: 'administrator' },
  // The app, in DingTalk's developer console
  CREDENTIALS_INVALID: { status: 424, actor: 'administrator' },
  PERMISSION_MISSING: { status: 424, actor: 'administrator' },
  IP_NOT_ALLOWED: { status: 424, actor: 'administrator' },
  SCOPE_TOO_NARROW: { status: 424, actor: 'administrator' },
  // DingTalk's service
  DINGTALK_UNAVAILABLE: { status: 424, actor: 'dingtalk' },
  DINGTALK_BUSY: { status: 429, actor: 'dingtalk' },
  // Which user the DingTalk account belongs to
  WRONG_ORGANIZATION: { status: 403, actor: 'user' },
  ACCOUNT_BLOCKED: { status: 403, actor: 'administrator' },
  ACCOUNT_AMBIGUOUS: { status: 409, actor: 'administrator' },
  LINK_FIRST: { status: 403, actor: 'user' },
  NOT_A_MEMBER: { status: 403, actor: 'administrator' },
  PHONE_UNAVAILABLE: { status: 403, actor: 'administrator' },
  ACCOUNT_ALREADY_LINKED: { status: 409, actor: 'administrator' },
  PHONE_AMBIGUOUS: { status: 409, actor: 'administrator' },
  USER_NOT_FOUND: { status: 403, actor: 'administrator' },
  USER_FIELDS_REQUIRED: { status: 424, actor: 'administrator' },
  // Linking and unlinking
  SESSION_REQUIRED: { status: 403, actor: 'user' },
  DINGTALK_ACCOUNT_TAKEN: { status: 409, actor: 'user' },
  UNLINK_FIRST: { status: 409, actor: 'user' },
  LAST_WAY_IN: { status: 409, actor: 'administrator' },
  NOT_LINKED: { status: 404, actor: 'user' },
  // Faults of this plugin, or of NocoBase
  SIGN_IN_FAILED: { status: 500, actor: 'administrator' },
  LINK_FAILED: { status: 500, actor: 'administrator' },
} as const satisfies Codes;

/** How else something can fail, on pages that administrators alone open: one sentence, which says what to do. */
const pageCodes = {
  // Saving and testing the settings of an authenticator
  AUTH_UID_INVALID: { status: 400, actor: 'administrator' },
  DEFAULT_ROLE_REFUSED: { status: 400, actor: 'administrator' },
  TEST_GONE: { status: 404, actor: 'user' },
  // The directory
  SOURCE_INVALID: { status: 400, actor: 'administrator' },
  SOURCE_COLUMN_REFUSED: { status: 400, actor: 'administrator' },
  SOURCE_APP_TAKEN: { status: 409, actor: 'administrator' },
  SOURCE_AUTHENTICATOR: { status: 404, actor: 'administrator' },
  SOURCE_UNAVAILABLE: { status: 404, actor: 'administrator' },
  CORP_ID_REQUIRED: { status: 424, actor: 'administrator' },
  OTHER_DIRECTORY: { status: 409, actor: 'administrator' },
  DIRECTORY_EMPTY: { status: 424, actor: 'administrator' },
  DIRECTORY_PERMISSION: { status: 424, actor: 'administrator' },
  DIRECTORY_SCOPE: { status: 424, actor: 'administrator' },
  DIRECTORY_INCOMPLETE: { status: 424, actor: 'dingtalk' },
  SYNC_OFF: { status: 409, actor: 'administrator' },
  SYNC_RUNNING: { status: 409, actor: 'user' },
  SYNC_INTERRUPTED: { status: 409, actor: 'user' },
  SYNC_STOPPED: { status: 409, actor: 'administrator' },
  MEMBER_UNAVAILABLE: { status: 404, actor: 'administrator' },
  MEMBER_NOT_LINKABLE: { status: 409, actor: 'administrator' },
  ACTION_FORBIDDEN: { status: 403, actor: 'administrator' },
  // Events
  EVENT_REFUSED: { status: 403, actor: 'administrator' },
  STREAM_FAILED: { status: 424, actor: 'dingtalk' },
  // Messages
  CHANNEL_INVALID: { status: 400, actor: 'administrator' },
  CHANNEL_UNAVAILABLE: { status: 404, actor: 'administrator' },
  AGENT_ID_REQUIRED: { status: 424, actor: 'administrator' },
  AGENT_ID_WRONG: { status: 424, actor: 'administrator' },
  QUOTA_USED_UP: { status: 424, actor: 'administrator' },
  MESSAGES_OFF: { status: 409, actor: 'administrator' },
  MESSAGES_PAUSED: { status: 424, actor: 'dingtalk' },
  MESSAGE_PERMISSION: { status: 424, actor: 'administrator' },
  MESSAGE_INVALID: { status: 400, actor: 'administrator' },
  MESSAGE_EMPTY: { status: 400, actor: 'administrator' },
  MESSAGE_TOO_LONG: { status: 400, actor: 'administrator' },
  RECEIVERS_INVALID: { status: 400, actor: 'administrator' },
  NO_RECEIVERS: { status: 400, actor: 'administrator' },
  TEST_TOO_SOON: { status: 429, actor: 'user' },
  // Faults of this plugin, or of NocoBase
  CHECK_FAILED: { status: 500, actor: 'administrator' },
  SYNC_FAILED: { status: 500, actor: 'administrator' },
  EVENTS_FAILED: { status: 500, actor: 'administrator' },
  MESSAGE_FAILED: { status: 500, actor: 'administrator' },
} as const satisfies Codes;

/** How an action can fail. */
export const errorCodes = { ...personCodes, ...pageCodes };

export type ErrorCode = keyof typeof errorCodes;

/**
 * Why the DingTalk client gave a page no authorization code. The page fails with these before it asks the server, so
 * they have no HTTP status.
 */
export const dingTalkClientCodes = [
  'ACCESS_DENIED',
  'CLIENT_REFUSES',
  'CLIENT_SILENT',
  'CLIENT_TOO_OLD',
  'CORP_ID_INVALID',
  'DOMAIN_NOT_REGISTERED',
] as const;

export type DingTalkClientCode = (typeof dingTalkClientCodes)[number];

/** Every code that a page tells to a person who wants to sign in, or to link an account. */
export const codesForPersons = () => [
  ...new Set([...(Object.keys(personCodes) as (keyof typeof personCodes)[]), ...dingTalkClientCodes]),
];

type PersonCode = keyof typeof personCodes | DingTalkClientCode;

/** Key of the second sentence of a code: why it happened, and what an administrator does about it, and where. */
export type CauseKey = `${PersonCode}_CAUSE`;

/** Key of what an administrator's page says of a code: the only sentence, or the one that says what to do. */
export const keyForAdministrators = <Code extends string>(code: Code) =>
  (code in personCodes ? `${code}_CAUSE` : code) as
    Exclude<Code, PersonCode> | (Code extends PersonCode ? `${Code}_CAUSE` : never);

export type Outcome = 'ok' | 'info' | 'warning' | 'error';

/** Where DingTalk's apps are set up. The page of one app has an address that only DingTalk knows. */
export const CONSOLE = 'https://open-dev.dingtalk.com/';

/** What the configuration check can find, how serious it is, and the page of DingTalk's console where it is put right. */
export const findingCodes = {
  VALUES_MISSING: { outcome: 'error' },
  AUTH_UID_INVALID: { outcome: 'error' },
  // DingTalk's service
  DINGTALK_REACHED: { outcome: 'ok' },
  DINGTALK_UNREACHABLE: { outcome: 'error' },
  DINGTALK_BUSY: { outcome: 'warning' },
  DINGTALK_ANSWER_UNKNOWN: { outcome: 'warning' },
  // The app
  CREDENTIALS_ACCEPTED: { outcome: 'ok' },
  CREDENTIALS_REFUSED: { outcome: 'error', page: CONSOLE },
  IP_ALLOWED: { outcome: 'ok' },
  IP_NOT_ALLOWED: { outcome: 'error', page: CONSOLE },
  MEMBERS_READABLE: { outcome: 'ok' },
  MEMBERS_NOT_READABLE: { outcome: 'error', page: CONSOLE },
  PERMISSIONS_UNSEEN: { outcome: 'info', page: CONSOLE },
  // The organization
  CORP_ID_CONFIRMED: { outcome: 'ok' },
  CORP_ID_UNCONFIRMED: { outcome: 'warning', page: CONSOLE },
  CORP_ID_UNUSUAL: { outcome: 'warning', page: CONSOLE },
  CORP_ID_MISSING: { outcome: 'info', page: CONSOLE },
  ANYONE_CAN_REGISTER: { outcome: 'warning', page: CONSOLE },
  AUTO_SIGN_IN_WITHOUT_CORP_ID: { outcome: 'warning', page: CONSOLE },
  // Messages
  AGENT_ID_MISSING: { outcome: 'error', page: CONSOLE },
  AGENT_ID_UNUSUAL: { outcome: 'error', page: CONSOLE },
  // Who may be matched, and who may become a user
  SIGN_UP_PREPARES_MATCH: { outcome: 'error' },
  PROFILE_PREPARES_MATCH: { outcome: 'error' },
  DEFAULT_ROLE_PRIVILEGED: { outcome: 'error' },
  DEFAULT_ROLE_UNUSED: { outcome: 'warning' },
  NEW_USERS_INCOMPLETE: { outcome: 'error' },
  SIGN_UP_WITHOUT_PHONE: { outcome: 'warning' },
  // What every client may read
  VALUE_NOT_PUBLISHED: { outcome: 'error' },
  // The Redirect URL
  REDIRECT_URL_TRUSTED: { outcome: 'ok' },
  REDIRECT_URL_READABLE: { outcome: 'warning' },
  ORIGIN_NOT_TRUSTED: { outcome: 'error' },
  REDIRECT_URL_UNSEEN: { outcome: 'info', page: CONSOLE },
  // What a test of a sign-in came to
  TEST_REDIRECT_URL: { outcome: 'ok' },
  TEST_ORGANIZATION: { outcome: 'ok' },
  TEST_ANY_ORGANIZATION: { outcome: 'info' },
  TEST_NAME: { outcome: 'ok' },
  TEST_NAME_MISSING: { outcome: 'warning', page: CONSOLE },
  TEST_PHONE: { outcome: 'ok' },
  TEST_PHONE_MISSING: { outcome: 'warning', page: CONSOLE },
  TEST_EMAIL: { outcome: 'ok' },
  TEST_EMAIL_MISSING: { outcome: 'info' },
  TEST_LINKED: { outcome: 'ok' },
  TEST_OLD_KEY: { outcome: 'ok' },
  TEST_MATCHED: { outcome: 'ok' },
  TEST_CREATED: { outcome: 'ok' },
  TEST_REFUSED: { outcome: 'error' },
  TEST_FAILED: { outcome: 'error' },
  // The directory: what the app may read
  SCOPE_WHOLE: { outcome: 'ok' },
  SCOPE_PART: { outcome: 'info', page: CONSOLE },
  SCOPE_EMPTY: { outcome: 'error', page: CONSOLE },
  DEPARTMENTS_NOT_READABLE: { outcome: 'error', page: CONSOLE },
  DIRECTORY_NOT_READABLE: { outcome: 'error', page: CONSOLE },
  LEAVERS_NOT_READABLE: { outcome: 'error', page: CONSOLE },
  PHONES_READABLE: { outcome: 'ok' },
  PHONES_NOT_READABLE: { outcome: 'warning', page: CONSOLE },
  EMAILS_NOT_READABLE: { outcome: 'warning', page: CONSOLE },
  // The directory: what a run would do in NocoBase
  DIRECTORY_OFF: { outcome: 'warning' },
  DEPARTMENTS_OFF: { outcome: 'info' },
  DEPARTMENTS_PRIVILEGED: { outcome: 'warning' },
  PHONE_IS_WAY_IN: { outcome: 'error' },
  EMAIL_IS_WAY_IN: { outcome: 'error' },
  EMAIL_DOMAINS_MISSING: { outcome: 'warning' },
  MATCH_BY_PHONE_OFF: { outcome: 'info' },
} as const satisfies Record<string, { outcome: Outcome; page?: string }>;

export type FindingCode = keyof typeof findingCodes;

/** Keys of what a user is told of a new binding, see accounts/notice.ts. */
export const noticeTexts = [
  'BOUND_TITLE',
  'BOUND_CONTENT',
  'BOUND_BY_OLD_KEY',
  'BOUND_BY_PHONE',
  'BOUND_BY_CONSENT',
  'BOUND_BY_ADMINISTRATOR',
] as const;

export type NoticeText = (typeof noticeTexts)[number];

/** Keys of what a source says of itself: of a run, in its task; to administrators. */
export const syncTexts = [
  'SYNC_READING',
  'SYNC_WRITING',
  'SYNC_NOTHING',
  'SYNC_CREATED',
  'SYNC_BOUND',
  'SYNC_RETURNED',
  'SYNC_UPDATED',
  'SYNC_SUSPENDED',
  'SYNC_DETACHED',
  'SYNC_DELETED',
  'SYNC_KEPT',
  'SYNC_OUTSIDE',
  'SYNC_ADDED',
  'SYNC_CHANGED',
  'SYNC_REMOVED',
  'SYNC_OPEN',
  'SYNC_SKIPPED',
  'SYNC_FAILED_TITLE',
  'SYNC_FAILED_CONTENT',
  'SYNC_STOPPED_TITLE',
  'SYNC_STOPPED_CONTENT',
  'SYNC_WELL_TITLE',
  'SYNC_WELL_CONTENT',
  'STREAM_DOWN_TITLE',
  'STREAM_DOWN_CONTENT',
  'STREAM_WELL_TITLE',
  'STREAM_WELL_CONTENT',
] as const;

export type SyncText = (typeof syncTexts)[number];

/**
 * Why a member, a membership or a field of the directory was not written, as a report says it. `open` is a case that an
 * administrator can settle; `skipped` is as it should be; `note` stands beside what was written; `failed` makes the run
 * a failure.
 */
export const caseCodes = {
  // Members without a user, or whose user is not certain
  NO_UNION_ID: 'skipped',
  NOT_ACTIVE: 'skipped',
  LEFT_OUT: 'skipped',
  NOT_CREATED: 'skipped',
  BLOCKED: 'skipped',
  CHANGED_MEANWHILE: 'skipped',
  UNLINKED_BEFORE: 'open',
  DELETED_BEFORE: 'open',
  USERID_REUSED: 'open',
  SEVERAL_BOUND: 'open',
  OLD_KEY: 'open',
  USER_PRIVILEGED: 'open',
  PHONE_SHARED: 'open',
  PHONE_OF_BOUND: 'open',
  PHONE_OF_UNLINKED: 'open',
  PHONE_MATCH_OFF: 'open',
  WAITS_FOR_RUN: 'open',
  NEW_USERS_PRIVILEGED: 'open',
  NEW_USERS_INCOMPLETE: 'open',
  // Memberships and departments
  DEPARTMENT_PRIVILEGED: 'open',
  DEPARTMENT_DELETED: 'note',
  DEPARTMENT_IN_USE: 'note',
  // Fields
  PHONE_TAKEN: 'note',
  EMAIL_TAKEN: 'note',
  NAME_RESERVED: 'note',
  VALUE_TOO_LONG: 'note',
  // New users
  DEFAULT_ROLE_UNUSED: 'note',
  // Members who left
  LAST_ADMINISTRATOR: 'open',
  USER_UNDELETABLE: 'note',
  // Faults
  WRITE_FAILED: 'failed',
} as const satisfies Record<string, 'open' | 'skipped' | 'note' | 'failed'>;

export type CaseCode = keyof typeof caseCodes;

/**
 * Why somebody did not get a message, or may not have got it, as the log of NocoBase's notifications says it: `before`
 * DingTalk was asked to send it, when it was `sent`, or as DingTalk's `result` names it. Other failures of a call have the
 * code of an error.
 */
export const lossCodes = {
  USER_UNKNOWN: 'before',
  NO_ACCOUNT: 'before',
  USER_BLOCKED: 'before',
  HAS_LEFT: 'before',
  NOT_OF_ORGANIZATION: 'before',
  EXTERNAL_CONTACT: 'before',
  NOT_LOOKED_UP: 'before',
  TOO_MANY_A_MINUTE: 'before',
  NOT_IN_TIME: 'before',
  RECEIVER_REFUSED: 'sent',
  MESSAGE_REFUSED: 'sent',
  MAY_HAVE_ARRIVED: 'sent',
  LOST_INVALID: 'result',
  LOST_OUT_OF_SCOPE: 'result',
  LOST_DUPLICATE: 'result',
  LOST_TOO_MANY_A_DAY: 'result',
  LOST_TOO_MANY_A_MINUTE: 'result',
  LOST_FORBIDDEN_WORDS: 'result',
  LOST_PROTECTED: 'result',
  LOST_OTHERWISE: 'result',
  NOT_TOLD_YET: 'result',
} as const satisfies Record<string, 'before' | 'sent' | 'result'>;

export type LossCode = keyof typeof lossCodes;

/** Keys of what is said of messages besides. */
export const messageTexts = [
  'MESSAGE_ACCEPTED',
  'MESSAGE_DELIVERED',
  'MESSAGE_LOSS',
  'MESSAGE_LOSS_MORE',
  'MESSAGE_RESULT_LATER',
  'MESSAGE_SHORTENED',
  'MESSAGE_LINKS_AS_TEXT',
  'MESSAGE_TEST_TITLE',
  'MESSAGE_TEST_TEXT',
  'QUOTA_NEAR_TITLE',
  'QUOTA_NEAR_CONTENT',
] as const;

export type MessageText = (typeof messageTexts)[number];
