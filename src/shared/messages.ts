/** What the server and both clients agree on of channels and messages: types alone. */

/**
 * Where a link to this NocoBase opens: in DingTalk, signed in, as the app's own window; in the panel beside DingTalk's
 * conversations; in the browser. On a phone each of them opens inside DingTalk.
 */
export type LinkTarget = 'app' | 'panel' | 'browser';

/** What becomes of a message that is larger than DingTalk delivers. */
export type TooLong = 'shorten' | 'refuse';

/** `options` of a channel of the type `dingtalk`, as its form saves them. */
export type ChannelOptions = {
  /** Name of the authenticator whose app sends. */
  authenticator?: string;
  /** Default `app`. */
  links?: LinkTarget | null;
  /**
   * Where users open this NocoBase, with the path, the sub-application and the client: `https://nocobase.example/v`. The
   * form fills it in. Default: `APP_PUBLIC_ORIGIN`; without that, links that are paths become plain text.
   */
  address?: string | null;
  /** Hosts that links and pictures may lead to besides this NocoBase: `example.com`, `example.com:8443`. */
  hosts?: string[] | null;
  /** The counted calls that the organization may make in a month. Default 5,000, those of the standard edition. */
  quota?: number | null;
  /** Whether DingTalk is asked, some seconds later, what became of a message: one more counted call. Default false. */
  asksResult?: boolean | null;
  /** Default `shorten`. */
  tooLong?: TooLong | null;
  /** Whether the time is appended: DingTalk drops what somebody has already got on the same day. Default true. */
  appendsTime?: boolean | null;
};

export type MessageType = 'text' | 'markdown' | 'actionCard' | 'oa';

/**
 * `content` of a message, by its form. Each text may be a template, with triple braces; each `url` is a path of this
 * NocoBase, or an http(s) address.
 */
export type MessageContent = {
  type?: MessageType;
  /** Of all but `text`. Default: the first words of the text. */
  title?: string;
  /** Markdown for `markdown` and `actionCard`. */
  text?: string;
  /** Of `actionCard` without `buttons`, and of `oa`: what a click on it opens. */
  url?: string;
  /** Of `actionCard`: what stands on the link to `url`. */
  button?: string;
  /** Of `actionCard`, in place of `url`. */
  buttons?: { title?: string; url?: string }[];
  /** Of the buttons. Default `vertical`. */
  layout?: 'vertical' | 'horizontal';
  /** Of `oa`: rows of a table. DingTalk shows six. */
  form?: { key?: string; value?: string }[];
};

/** A message of a channel, as a node of a workflow saves it. */
export interface ChannelMessage {
  content?: MessageContent;
  /** IDs of users, and queries for users: `{ filter }`. */
  receivers?: (number | string | { filter: object })[];
}

/** A message as DingTalk gets it, in the form's preview. */
export interface MessagePreview {
  /** As DingTalk names the types and their fields. */
  message: { msgtype: 'text' | 'markdown' | 'action_card' | 'oa' } & Record<string, unknown>;
  bytes: number;
  maxBytes: number;
  /** Sentences about what is sent otherwise than it was written. */
  notes: string[];
}

/** The counted calls of a channel's app in this month. */
export interface NotificationState {
  /** `2026-11`, by the clock of DingTalk. */
  month: string;
  calls: number;
  quota: number;
  hasAgentId: boolean;
  /** Whether `DINGTALK_DIRECTORY=off` keeps this server silent. */
  isOff: boolean;
}

/** What became of a test. */
export interface TestResult {
  code: string;
  outcome: 'ok' | 'warning' | 'error';
  /** The sentence, in the language of the request. */
  message: string;
  /** ID of DingTalk's task, for its support. */
  task?: string;
}
