import { z } from 'zod';
import { findContradictions } from './integrity';
import {
  type Channel,
  channels,
  deliveryFaultKinds,
  devices,
  directoryFaultKinds,
  endpointNames,
  faultKinds,
  gatewayFaultKinds,
} from './names';
import { settings } from './settings';

/** A version that knows every call of the JSAPI that the emulator has. */
export const DEFAULT_CLIENT_VERSION = '8.1.10';

const text = z.string().min(1);
const corpId = z.string().regex(/^ding[0-9a-f]{32}$/, 'must be "ding" and 32 hexadecimal digits');
const digits = z.string().regex(/^\d+$/, 'must be digits only');
/** DingTalk's document of dedicated accounts writes `+86-13412341234`, the others the national number. */
const mobile = z.string().regex(/^(\+\d+-)?\d+$/, 'must be digits only, or "+86-" and digits');
const id = z.string().regex(/^[a-z0-9-]+$/, 'must be small letters, digits and hyphens');

const organization = z.strictObject({ corpId, name: text });

const departmentId = z.number().int();

/** The root, 1, is there without being named, and has the name of the organization. */
const department = z.strictObject({
  corpId,
  dept_id: departmentId.positive(),
  name: text,
  parent_id: departmentId.default(1),
  /** Where it stands among its siblings. */
  order: z.number().int().optional(),
  code: text.optional(),
  source_identifier: text.optional(),
  tags: text.optional(),
  /** Owner of the chat of the department, by userid. */
  org_dept_owner: text.optional(),
  create_dept_group: z.boolean().default(true),
  auto_add_user: z.boolean().default(true),
  hide_dept: z.boolean().default(false),
});

/** What the console asks for before it pushes events by HTTP. */
const callback = z.strictObject({
  url: z.url(),
  token: z.string().regex(/^[A-Za-z0-9]{3,32}$/, 'must be 3 to 32 letters and digits'),
  aesKey: z.string().regex(/^[A-Za-z0-9]{43}$/, 'must be 43 letters and digits'),
});

const app = z.strictObject({
  clientId: text,
  clientSecret: text,
  corpId,
  name: text,
  agentId: z.number().int(),
  /** `isv`: an app of another vendor; it sees masked phone numbers and no private fields. */
  kind: z.enum(['internal', 'isv']).default('internal'),
  published: z.boolean().default(true),
  redirectUrls: z.array(text).default(['*']),
  /** Where the workbench leads; `$CORPID$` in it becomes the corpId. */
  homePage: z.url().optional(),
  permissions: z.array(text),
  /** The members that the app may read: all, these userids, or these departments with all below them, and these users. */
  contactScope: z
    .union([
      z.literal('all'),
      z.array(text),
      z.strictObject({ departments: z.array(departmentId).default([]), users: z.array(text).default([]) }),
    ])
    .default('all'),
  ipWhiteList: z.array(text).default([]),
  /** An older app: `accessToken` and `gettoken` know it only together with its organization. */
  tokenNeedsCorpId: z.boolean().default(false),
  /** Where its events are pushed by HTTP; without it they go by Stream. */
  callback: callback.optional(),
  /** The events that it subscribed to; all, where it is absent. */
  eventTypes: z.array(text).optional(),
});

const membership = z.strictObject({
  corpId,
  /** The organization chooses it, of any characters. */
  userid: text.max(64),
  name: text,
  title: text.optional(),
  mobile: mobile.optional(),
  state_code: digits.optional(),
  email: z.email().optional(),
  org_email: z.email().optional(),
  active: z.boolean().default(true),
  /** 0 = employee, 1 = external contact. */
  contact_type: z.union([z.literal(0), z.literal(1)]).default(0),
  left: z.boolean().default(false),
  admin: z.boolean().default(false),
  /** The departments; the root alone, where it is absent. */
  dept_id_list: z.array(departmentId).min(1).optional(),
  /** Where the member stands in a department: the larger, the nearer to the top. */
  dept_order_list: z.array(z.strictObject({ dept_id: departmentId, order: z.number().int() })).optional(),
  leader_in_dept: z.array(z.strictObject({ dept_id: departmentId, leader: z.boolean() })).optional(),
  job_number: text.optional(),
  telephone: text.optional(),
  work_place: text.optional(),
  remark: text.optional(),
  /** The organization's own fields: JSON as a text. */
  extension: text.optional(),
  /** Unix milliseconds. */
  hired_date: z.number().int().optional(),
  manager_userid: text.optional(),
  hide_mobile: z.boolean().optional(),
  /** Where it is absent: whether the account is a dedicated one. */
  exclusive_account: z.boolean().optional(),
  login_id: text.optional(),
  /** In lists only for those who ask with `contain_access_limit`. */
  access_limited: z.boolean().optional(),
  left_at: z.iso.datetime().optional(),
  leave_reason: z.enum(['oapi', 'cancel', 'leave', 'unknown', 'delete']).optional(),
});

const account = z.strictObject({
  id,
  unionId: text,
  openId: text,
  nick: text,
  avatarUrl: z.url().optional(),
  mobile: mobile.optional(),
  stateCode: digits.optional(),
  email: z.email().optional(),
  /** A dedicated account (专属账号): the organization that issued it, on whose own page alone it signs in. */
  dedicatedTo: corpId.optional(),
  memberships: z.array(membership).default([]),
});

/** An installed DingTalk app, and the account that is signed in to it. */
const client = z.strictObject({
  id,
  device: z.enum(devices),
  clientVersion: z
    .string()
    .regex(/^\d+(\.\d+)+$/, 'must be numbers with dots between them')
    .default(DEFAULT_CLIENT_VERSION),
  /** `id` of the account. */
  account: text,
});

const faultRule = z.strictObject({
  endpoint: z.enum([...endpointNames, '*', ...channels]),
  fault: z.enum([
    ...faultKinds,
    ...directoryFaultKinds,
    ...gatewayFaultKinds,
    ...deliveryFaultKinds.stream,
    ...deliveryFaultKinds.push,
  ]),
  /** Strikes only requests with these parameters, such as `{ "dept_id": 5 }`. */
  where: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  /** How many requests that fit are spared first. */
  after: z.number().int().nonnegative().optional(),
  /** How often it strikes; always, where it is absent. */
  times: z.number().int().positive().optional(),
  delayMs: z.number().nonnegative().optional(),
});

const isOfChannel = (channel: Channel, fault: string) => deliveryFaultKinds[channel].some((each) => each === fault);

const fault = faultRule.refine(
  ({ endpoint, fault: kind }) =>
    endpoint === 'stream' || endpoint === 'push'
      ? isOfChannel(endpoint, kind)
      : !channels.some((channel) => isOfChannel(channel, kind)),
  'is none that this endpoint has',
);

const emulatorData = z
  .strictObject({
    organizations: z.array(organization).min(1),
    apps: z.array(app).min(1),
    accounts: z.array(account),
    departments: z.array(department).default([]),
    clients: z.array(client).default([]),
    faults: z.array(fault).default([]),
    settings: settings.prefault({}),
  })
  .superRefine((data, context) => {
    for (const message of findContradictions(data)) {
      context.addIssue({ code: 'custom', message });
    }
  });

export type EmulatorData = z.output<typeof emulatorData>;
export type EmulatorDataInput = z.input<typeof emulatorData>;
export type Callback = z.output<typeof callback>;
export type App = EmulatorData['apps'][number];
export type Account = EmulatorData['accounts'][number];
export type Membership = Account['memberships'][number];
export type Department = EmulatorData['departments'][number];
export type Client = z.output<typeof client>;
export type FaultRule = EmulatorData['faults'][number];
export type Settings = EmulatorData['settings'];

/** A request to DingTalk, as it is recorded. */
export interface Call {
  method: string;
  path: string;
  query: string;
  /** Milliseconds of the emulator's clock. */
  at: number;
  /** Number of the connection it came on. */
  socket: number;
  /** Absent while there is no answer. */
  status?: number;
}

/** The address that opens from the workbench; nowhere else does DingTalk fill in the Corp ID. */
export const homePageOf = ({ homePage, corpId }: App): string | undefined => homePage?.replaceAll('$CORPID$', corpId);

export const parseCallback = (input: unknown): Callback => callback.parse(input);
export const parseClient = (input: unknown): Client => client.parse(input);
export const parseDepartment = (input: unknown): Department => department.parse(input);

/** Checks the data and fills in the defaults; throws an error that names every wrong place. */
export function parseData(input: unknown): EmulatorData {
  const result = emulatorData.safeParse(input);
  if (result.success) {
    return result.data;
  }
  const places = result.error.issues.map(({ path, message }) => `  ${path.join('.') || 'data'}: ${message}`);
  throw new Error(`The data is not valid:\n${places.join('\n')}`);
}
