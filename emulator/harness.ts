import { type Account, type Emulator, type EmulatorDataInput, type EmulatorOptions, startEmulator } from './index';

export const CORP = `ding${'a'.repeat(32)}`;
export const OTHER_CORP = `ding${'b'.repeat(32)}`;
export const CLIENT = { clientId: 'dingclient', clientSecret: 'dingsecret' };
export const OTHER_CLIENT = { clientId: 'dingother', clientSecret: 'othersecret' };

const permissions = [
  'Contact.User.Read',
  'Contact.User.mobile',
  'qyapi_base',
  'qyapi_get_member',
  'qyapi_get_member_by_mobile',
  'qyapi_get_department_list',
  'qyapi_get_department_member',
  'Contact.Common.Read',
  'fieldMobile',
  'fieldEmail',
];

const placed: Record<string, object> = {
  'ada-a': {
    dept_id_list: [10, 12],
    dept_order_list: [
      { dept_id: 10, order: 7 },
      { dept_id: 12, order: 3 },
    ],
    leader_in_dept: [{ dept_id: 10, leader: true }],
  },
  'ben-a': { dept_id_list: [10] },
};

const data: EmulatorDataInput = {
  organizations: [
    { corpId: CORP, name: 'A & B <Ltd>' },
    { corpId: OTHER_CORP, name: 'Other' },
  ],
  apps: [
    { ...CLIENT, corpId: CORP, name: 'App', agentId: 1, permissions },
    { ...OTHER_CLIENT, corpId: OTHER_CORP, name: 'Other app', agentId: 2, permissions },
  ],
  accounts: [
    {
      id: 'ada',
      unionId: 'union-ada',
      openId: 'open-ada',
      nick: 'Ada <b>"1"</b>',
      avatarUrl: 'https://example.com/ada.jpg',
      mobile: '18900000000',
      stateCode: '86',
      email: 'ada@example.com',
      memberships: [
        {
          corpId: CORP,
          userid: 'ada-a',
          name: 'Ada A',
          mobile: '18911111111',
          state_code: '86',
          org_email: 'ada@corp.example.com',
          admin: true,
        },
        { corpId: OTHER_CORP, userid: 'ada-b', name: 'Ada B' },
      ],
    },
    {
      id: 'ben',
      unionId: 'union-ben',
      openId: 'open-ben',
      nick: 'Ben',
      memberships: [
        { corpId: CORP, userid: 'ben-a', name: 'Ben A', mobile: '61234567', state_code: '852', active: false },
      ],
    },
    {
      id: 'eve',
      unionId: 'union-eve',
      openId: 'open-eve',
      nick: 'Eve',
      memberships: [{ corpId: OTHER_CORP, userid: 'eve-b', name: 'Eve B' }],
    },
    {
      id: 'lea',
      unionId: 'union-lea',
      openId: 'open-lea',
      nick: 'Lea',
      memberships: [{ corpId: CORP, userid: 'lea-a', name: 'Lea A', mobile: '18922222222', left: true }],
    },
    {
      id: 'ext',
      unionId: 'union-ext',
      openId: 'open-ext',
      nick: 'Ext',
      memberships: [{ corpId: CORP, userid: 'ext-a', name: 'Ext A', contact_type: 1 }],
    },
  ],
};

const department = (dept_id: number, name: string, parent_id: number, order: number) => ({
  corpId: CORP,
  dept_id,
  name,
  parent_id,
  order,
});

/** Sales (10) › East (11) › Shops (12), and Support (20); Ada leads Sales and is in Shops as well. */
export const withDepartments: EmulatorDataInput = {
  ...data,
  departments: [
    department(10, 'Sales', 1, 2),
    department(11, 'East', 10, 0),
    department(12, 'Shops', 11, 0),
    department(20, 'Support', 1, 1),
  ],
  accounts: data.accounts.map((account) => ({
    ...account,
    memberships: account.memberships?.map((each) => ({ ...each, ...placed[each.userid] })),
  })),
};

type Json = Record<string, unknown>;

export interface Answer {
  status: number;
  type: string | null;
  body: Json;
}

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** For the tests: an emulator whose clock stands still until it is moved, and the requests that they make. */
export class Harness {
  private constructor(
    readonly emulator: Emulator,
    private readonly clock: { now: number },
  ) {}

  static async start(options: EmulatorOptions = {}): Promise<Harness> {
    const clock = { now: Date.UTC(2026, 0, 1) };
    return new Harness(await startEmulator({ data, now: () => clock.now, ...options }), clock);
  }

  pass(milliseconds: number): void {
    this.clock.now += milliseconds;
  }

  get app() {
    return this.emulator.data.apps[0];
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.emulator.url + path, { redirect: 'manual', ...init });
  }

  async ask(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await this.fetch(path, init);
    const body = (await response.json()) as Json;
    return { status: response.status, type: response.headers.get('content-type'), body };
  }

  post(path: string, body: Json, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', ...headers },
    });
  }

  form(path: string, fields: Record<string, string>): Promise<Response> {
    return this.fetch(path, { method: 'POST', body: new URLSearchParams(fields) });
  }

  exchange(code: string, more: Json = {}): Promise<Answer> {
    return this.post('/v1.0/oauth2/userAccessToken', { ...CLIENT, grantType: 'authorization_code', code, ...more });
  }

  code(account = 'ada', scope = 'openid', corpId?: string): string {
    return this.emulator.authorize({ clientId: CLIENT.clientId, account, scope, corpId });
  }

  async userToken(account = 'ada'): Promise<string> {
    return String((await this.exchange(this.code(account))).body.accessToken);
  }

  async appToken({ clientId: appKey, clientSecret: appSecret } = CLIENT): Promise<string> {
    return String((await this.post('/v1.0/oauth2/accessToken', { appKey, appSecret })).body.accessToken);
  }

  /** An endpoint of the old API, with the token of the app. */
  async topapi(path: string, body: Json): Promise<Answer> {
    return this.post(`/topapi/${path}?access_token=${await this.appToken()}`, body);
  }

  accountOf(userid: string): Account {
    const found = this.emulator.data.accounts.find(({ memberships }) => memberships[0]?.userid === userid);
    if (!found) {
      throw new Error(`No member has the userid "${userid}"`);
    }
    return found;
  }

  withToken(path: string, token: string, method = 'GET'): Promise<Answer> {
    return this.ask(path, { method, headers: { 'x-acs-dingtalk-access-token': token } });
  }
}

export const HEX_32 = expect.stringMatching(/^[0-9a-f]{32}$/) as unknown;
const REQUEST_ID = expect.stringMatching(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/) as unknown;
export const OAPI_REQUEST_ID = expect.stringMatching(/^[0-9a-z]{13}$/) as unknown;

/** An error of the new API, whole. */
export const apiError = (status: number, code: string, message: string, more: Json = {}): Answer => ({
  status,
  type: 'application/json;charset=utf-8',
  body: { code, message, requestid: REQUEST_ID, ...more },
});

/** An error of the old API, whole. */
export const oapiError = (errcode: number, errmsg: string): Answer => ({
  status: 200,
  type: 'application/json;charset=UTF-8',
  body: { errcode, errmsg, request_id: OAPI_REQUEST_ID },
});

export const gatewayError = (code: string, message: string): Answer => {
  const answer = oapiError(88, `ding talk error[subcode=${code},submsg=${message}]`);
  return { ...answer, body: { ...answer.body, sub_code: code, sub_msg: message } };
};
