import type { FindingCode, Outcome } from './codes';
import type { RESOURCE } from './constants';
import type {
  DepartmentChoice,
  EntryAction,
  Preview,
  Report,
  RunSummary,
  SourceOptions,
  SourceState,
  Unmatched,
} from './directory';
import type { CallbackKeys, EventState } from './events';
import type { ChannelOptions, MessageContent, MessagePreview, NotificationState, TestResult } from './messages';

/**
 * What the server and both clients agree on: types alone, so nothing of this file gets into a bundle.
 *
 * Answers stand in `data` of the response's body. A failure answers `{ errors: [{ code, message }] }`, see `Refusal`.
 */

/** The options of an authenticator, as the settings form saves them and as NocoBase stores them. */
export type AuthenticatorOptions = {
  /** For the server alone. Each value may be an environment variable, `{{ $env.NAME }}`. */
  dingtalk?: {
    clientId?: string;
    clientSecret?: string;
    /** ID of the organization (企业): only its members can sign in. */
    corpId?: string | null;
    /** Whether a user with the phone number of an account becomes its user at the first sign-in. Default `automatic`. */
    matchByPhone?: MatchByPhone | null;
    /** Names of roles whose users are never matched by phone, besides the privileged ones. */
    protectedRoles?: string[] | null;
    /** Domains of which a new user gets the e-mail address that DingTalk names. Default none. */
    emailDomains?: string[] | null;
    /** Whether an account without a phone number may become a new user; only with a Corp ID. */
    signUpWithoutPhone?: boolean | null;
    /** Whether DingTalk's page for dedicated accounts (专属账号) of the organization opens; only with a Corp ID. */
    dedicatedAccounts?: boolean | null;
    /** Number of the app (AgentId), by which it sends messages. */
    agentId?: string | null;
    /** What the sign-in page makes of the button. Default `no`. */
    first?: DingTalkFirst | null;
    /** Name of the role of new users. Default NocoBase's default role. */
    defaultRole?: string | null;
  };
  public?: {
    /** Whether an account that matches no user becomes a new user. */
    autoSignup?: boolean | null;
    /** Whether pages inside the DingTalk client sign in without a click. */
    autoSignIn?: boolean | null;
  };
};

/**
 * What becomes of an existing user whose phone number an account has: they are matched; they sign in another way and
 * confirm; they are not matched at all. A privileged user is never matched by phone.
 */
export type MatchByPhone = 'automatic' | 'confirm' | 'never';

/**
 * What the sign-in page makes of the button: it stands below the other ways, as NocoBase draws it; it stands alone, and
 * the others behind a link; the page leaves for DingTalk at once, where it may.
 */
export type DingTalkFirst = 'no' | 'button' | 'atOnce';

/** The options that a sign-in page can read before sign-in: `first`, and the others where `autoSignIn` is on. */
export interface PublicOptions {
  first?: Exclude<DingTalkFirst, 'no'>;
  autoSignIn?: true;
  clientId?: string;
  corpId?: string;
}

/** What only the browser knows for certain behind reverse proxies and in sub-applications. */
export interface CallbackAddresses {
  /** Absolute address of the page, in the client that begins, that finishes what it begins. */
  callback: string;
  /** Absolute address of `dingtalk:redirect`, as the settings form shows it. */
  redirectUri: string;
}

/** The same for a sign-in, in as few bytes of the sign-in page's bundle as may be. */
interface SignInPage {
  /** Address of the client's sign-in page as the user left it, with the return path. The callback page is beside it. */
  page: string;
  /** For a server of the previous version, which answers after an update until NocoBase restarts. This one ignores them. */
  callback?: string;
  redirect?: string | null;
}

/** What a callback page brings back: the code is in a cookie that no script reads. */
export interface CallbackResponse {
  /** Names the flow, 16 characters. */
  flow: string;
}

/** What a page inside the DingTalk client brings. */
export interface InsideResponse {
  /** Authorization code; it works once. */
  code: string;
  /** As `getState` made it, 43 characters. */
  state: string;
}

/** What `auth:signIn` of NocoBase answers for an authenticator of this plugin. */
export interface SignedIn {
  user: { id: number };
  token?: string;
  /** Path of the page that opens. */
  redirect: string;
  /** The same for the router of the client in which the sign-in began; empty where another client or a file opens. */
  route: string;
}

/** One enabled DingTalk authenticator, as a user sees it. */
export interface Link {
  name: string;
  title: string | null;
  /** The DingTalk account that is linked, as it was called at that time. */
  linked: null | {
    nickname: string;
    avatar?: string;
    /** When it was linked; milliseconds since 1970, as the next one. */
    since?: number;
    /** When the user last signed in with it, as far as NocoBase still knows. */
    lastSignIn?: number;
  };
  /** Whether the user could still sign in without it. */
  canUnlink: boolean;
}

/** A DingTalk account that approved, and that waits until the user who is signed in agrees to the link. */
export interface PendingLink {
  /** Names this account when it is confirmed or declined: another tab may have brought another one meanwhile. */
  confirmation: string;
  /** Name of the authenticator. */
  authenticator: string;
  /** Title of the authenticator. */
  title: string | null;
  account: {
    nickname: string;
    avatar?: string;
    /** Corp ID of the organization in which it signed in. */
    corpId?: string;
  };
}

export interface LinkedUser {
  id: number | string;
  nickname: string | null;
  username: string | null;
  /** Nickname in DingTalk. */
  linked: string;
}

/** Why an account or a user is left out: blocked by an administrator, unlinked, or detached by a directory. */
export type ExclusionReason = 'blocked' | 'unlinked' | 'detached';

/** The lists in which they are shown. */
export type ExclusionList = 'blocked' | 'notMatchedAgain';

/** A DingTalk account, a user, or both, that an authenticator refuses or does not match by phone again. */
export interface Exclusion {
  id: number | string;
  reason: ExclusionReason;
  /** Nickname in DingTalk, as it was then. */
  account: string;
  /** The user; null where none was known, or the user is deleted. */
  user: null | { id: number | string; nickname: string | null; username: string | null };
  /** When, in milliseconds since 1970. */
  since: number;
}

/** At most 20 of them, the latest first. */
export interface ExclusionsFound {
  exclusions: Exclusion[];
  /** Whether there are more than these. */
  more: boolean;
}

/** By what a user can still sign in: titles of authenticators. */
export interface WaysIn {
  waysIn: string[];
}

/** A role, for the choice of protected ones. */
export interface RoleChoice {
  name: string;
  /** Its name where it has none. */
  title: string;
  /** Protected whatever is chosen. */
  isPrivileged: boolean;
}

/** At most 20 of the users whom an authenticator knows. */
export interface LinkedUsers {
  users: LinkedUser[];
  /** Whether there are more than these. */
  more: boolean;
}

/** One line of the configuration check. */
export interface Finding {
  code: FindingCode;
  outcome: Outcome;
  /** The sentence, in the language of the request. */
  message: string;
  /** Page of DingTalk's developer console where it is put right. */
  page?: string;
}

/**
 * The actions of the resource `dingtalk` that answer data, with the body of each request and its answer. All are POST
 * but `getLinks`. Missing here are `dingtalk:redirect`, which browsers open and which answers with a redirect, and
 * `dingtalk:event`, which DingTalk alone sends and which answers what DingTalk expects.
 */
export interface Actions {
  /** Begins a sign-in. The header `X-Authenticator` names the authenticator. Sets the cookie of the flow. */
  getAuthUrl: {
    /** `redirectUri` as for a link, where a sub-application may be missing from its path. */
    request: SignInPage & Pick<CallbackAddresses, 'redirectUri'>;
    answer: { url: string };
  };
  /** Begins a sign-in on a page inside the DingTalk client; else as `getAuthUrl`. */
  getState: { request: SignInPage; answer: { state: string } };
  /** What the account page shows: every enabled DingTalk authenticator. */
  getLinks: { request: undefined; answer: Link[] };
  /** Begins to link an account with the user who is signed in. Sets the cookie of the flow. */
  getLinkUrl: { request: CallbackAddresses & { authenticator: string }; answer: { url: string } };
  /** Exchanges the code. The account is not linked yet: it waits in a cookie until the user confirms. */
  link: { request: CallbackResponse; answer: PendingLink };
  /** The account that waits in this browser: of `link`, or of a sign-in that ended with `LINK_FIRST`. */
  getPendingLink: { request: object; answer: { pending: PendingLink | null } };
  /** Links the account that waits with the user who is signed in. */
  confirmLink: { request: { confirmation: string }; answer: { authenticator: string } };
  /** Forgets the account that waits. */
  declineLink: { request: { confirmation: string }; answer: object };
  /** Takes away the link of the user who is signed in, unless it is the last way to sign in. */
  unlink: { request: { authenticator: string }; answer: object };
  /** For administrators: takes away the link of any user. */
  unlinkUser: {
    request: {
      authenticator: string;
      user: number | string;
      /** Whether the user's sessions end. */
      endSessions?: boolean;
      /** Whether the user may be matched by phone again. */
      matchAgain?: boolean;
    };
    answer: object;
  };
  /** For administrators: refuses the user's DingTalk sign-in until unblocked; ends sessions and API keys. */
  blockUser: { request: { authenticator: string; user: number | string }; answer: WaysIn };
  /** For administrators: takes an exclusion back, be it a block or "not matched again". */
  unblock: { request: { authenticator: string; id: number | string }; answer: object };
  /** For administrators: who is blocked, or who is not matched by phone again. */
  getBlocked: {
    request: { authenticator?: string; list?: ExclusionList; search?: string };
    answer: ExclusionsFound;
  };
  /** For administrators: all roles. */
  getRoles: { request: object; answer: RoleChoice[] };
  /**
   * For administrators: without `search` the first 20, else those with it in a name, or whose phone number or e-mail
   * address it is.
   */
  getLinkedUsers: { request: { authenticator?: string; search?: string }; answer: LinkedUsers };
  /** For administrators: asks DingTalk about options that are not saved yet, of an authenticator with this name. */
  checkConfiguration: {
    request: { options: AuthenticatorOptions; redirectUri: string; authenticator?: string };
    answer: Finding[];
  };
  /**
   * For administrators in a session: begins a sign-in by options that are not saved yet, which signs nobody in.
   * `authenticator` is the name of the one whose links count. Sets the cookie of the flow.
   */
  testSignIn: {
    request: CallbackAddresses & { authenticator?: string; options: AuthenticatorOptions };
    answer: { url: string };
  };
  /** Exchanges the code: what the sign-in would have come to. Only in the session that began the test. */
  getTestResult: { request: CallbackResponse; answer: Finding[] };
  // For whoever may manage sources (`pm.user-data-sync`). A source is named by its ID.
  /** The authenticators that a source, or a channel, can use: without their options. */
  listAuthenticators: { request: object; answer: { name: string; title: string; hasCorpId: boolean }[] };
  /** What DingTalk has below a department; without `parent`, where the app's scope begins. */
  getDepartments: { request: { authenticator: string; parent?: number }; answer: DepartmentChoice[] };
  /** Asks DingTalk about options that are not saved yet. */
  checkSource: { request: { options: SourceOptions; source?: number | string }; answer: Finding[] };
  /** What a run would do, of all or of one member: by userid, or a part of the name. Nothing is written. */
  previewRun: {
    request: { options: SourceOptions; source?: number | string; member?: string };
    answer: Preview;
  };
  getSourceState: { request: { source: number | string }; answer: SourceState };
  /** The last 30, the latest first; `events`: the last 200 of what followed single changes, which are no runs. */
  getRuns: { request: { source: number | string; kind?: 'runs' | 'events' }; answer: RunSummary[] };
  /** One report: entries of an action, 50 a page, from 1. */
  getReport: {
    request: { source: number | string; run: number | string; action?: EntryAction; page?: number };
    answer: Report;
  };
  /** The whole report as a table (CSV, UTF-8 with a byte order mark). */
  exportReport: { request: { source: number | string; run: number | string }; answer: { csv: string } };
  /** Lets the next run take away what this stop lists, exactly, for an hour, once. */
  allowStop: { request: { source: number | string; stop: string }; answer: object };
  discardStop: { request: { source: number | string; stop: string }; answer: object };
  /** Forgets what is known of the other organization's members; users and bindings stay. */
  confirmNewStart: { request: { source: number | string; corpId: string; clientId: string }; answer: object };
  /** Binds a member of the last reading to a user; only for who may also update `users`. */
  linkMember: {
    request: { source: number | string; member: string; user: number | string; allow?: boolean };
    answer: object;
  };
  /** Leaves a member out, or takes that back. */
  leaveOut: { request: { source: number | string; member: string; undo?: boolean }; answer: object };
  /** Lets what was taken away come back: a user who was deleted, a binding that was undone. */
  allowMember: { request: { source: number | string; member: string }; answer: object };
  /** Lets a member into a department with a privileged role; only for who may manage roles. */
  confirmMembership: {
    request: { source: number | string; member: string; department: number };
    answer: object;
  };
  /** Ends what a leaver can still sign in by: password, other bindings, API keys; only for who may also update `users`. */
  endWaysIn: { request: { source: number | string; member: string }; answer: object };
  /** Users whom nobody in DingTalk is bound to, or members without a user: 50 a page, from 1. */
  getUnmatched: {
    request: { source: number | string; side: 'users' | 'members'; page?: number };
    answer: Unmatched;
  };
  /** What is known of the events of a source, saved. */
  getEventState: { request: { source: number | string }; answer: EventState };
  /** Makes the callback's Token and EncodingAESKey anew. They are answered here alone; the ones before end at once. */
  renewCallback: { request: { source: number | string }; answer: CallbackKeys };
  /** For administrators: how many of the directory are bound under an authenticator; null where no source uses it. */
  countMembers: { request: { authenticator: string }; answer: { bound: number; open: number } | null };
  // For whoever may manage channels (`pm.notification.channels`).
  /**
   * Sends a fixed text by a channel that is saved, or by options that are not, to oneself or to another linked user, and
   * waits for DingTalk's result. Only in a session, once in ten seconds.
   */
  sendTest: {
    request: { channel?: string; options?: ChannelOptions; user?: number | string };
    answer: TestResult;
  };
  /**
   * Linked users to whom a test may go: by a part of the name, or a whole phone number or e-mail address. Privileged ones
   * only for whom `getLinkedUsers` shows them.
   */
  getReceivers: { request: { authenticator: string; search?: string }; answer: LinkedUsers };
  /** How many counted calls the app of a channel, or of an authenticator, made in this month. */
  getNotificationState: { request: { channel?: string; authenticator?: string }; answer: NotificationState };
  /** How DingTalk gets a message, with its size. Nothing is sent. Also for whoever may manage workflows. */
  previewMessage: {
    request: { channel?: string; options?: ChannelOptions; content: MessageContent };
    answer: MessagePreview;
  };
}

export type ActionName = keyof Actions;

/** An action as NocoBase's API names it: `dingtalk:link`. A misspelled literal does not compile. */
export type ActionPath<Name extends ActionName = ActionName> = `${typeof RESOURCE}:${Name}`;

/** One entry of `errors` in an answer of this plugin. */
export interface Refusal {
  code: string;
  /**
   * A sentence in the language of the request: of a sign-in or a linking for the person, else for administrators, with the
   * code in brackets.
   */
  message: string;
}
