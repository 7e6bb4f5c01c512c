/** Where DingTalk's apps are set up. Pages of one app have addresses that only DingTalk knows. */
const CONSOLE = 'https://open-dev.dingtalk.com/';

/**
 * What a check can find, how it stands, and where it is set right. The code is also the key of the sentence in
 * `locale/*.json`.
 */
export const findings = {
  VALUES_MISSING: { outcome: 'error' },
  // DingTalk
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
  // The organisation
  CORP_ID_CONFIRMED: { outcome: 'ok' },
  CORP_ID_UNCONFIRMED: { outcome: 'warning', page: CONSOLE },
  CORP_ID_UNUSUAL: { outcome: 'warning', page: CONSOLE },
  CORP_ID_MISSING: { outcome: 'info', page: CONSOLE },
  ANYONE_CAN_REGISTER: { outcome: 'warning', page: CONSOLE },
  AUTO_SIGN_IN_WITHOUT_CORP_ID: { outcome: 'warning', page: CONSOLE },
  // The Redirect URL
  REDIRECT_URL_TRUSTED: { outcome: 'ok' },
  REDIRECT_URL_READABLE: { outcome: 'warning' },
  ORIGIN_NOT_TRUSTED: { outcome: 'error' },
  REDIRECT_URL_UNSEEN: { outcome: 'info', page: CONSOLE },
} as const;

export type FindingCode = keyof typeof findings;
