import { z } from 'zod';
import { devices, endpointNames, faultKinds } from './names';

/** A version that knows every call of the JSAPI that the emulator has. */
export const DEFAULT_CLIENT_VERSION = '8.1.10';

const text = z.string().min(1);
const corpId = z.string().regex(/^ding[0-9a-f]{32}$/, 'must be "ding" and 32 hexadecimal digits');
const digits = z.string().regex(/^\d+$/, 'must be digits only');
/** DingTalk's document of dedicated accounts writes `+86-13412341234`, the others the national number. */
const mobile = z.string().regex(/^(\+\d+-)?\d+$/, 'must be digits only, or "+86-" and digits');
const id = z.string().regex(/^[a-z0-9-]+$/, 'must be small letters, digits and hyphens');

const organization = z.strictObject({ corpId, name: text });

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
  /** The members that the app may read: all, or these userids. */
  contactScope: z.union([z.literal('all'), z.array(text)]).default('all'),
  ipWhiteList: z.array(text).default([]),
  /** An older app: `accessToken` and `gettoken` know it only together with its organization. */
  tokenNeedsCorpId: z.boolean().default(false),
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

const fault = z.strictObject({
  endpoint: z.enum([...endpointNames, '*']),
  fault: z.enum(faultKinds),
  /** How often it strikes; always, where it is absent. */
  times: z.number().int().positive().optional(),
  delayMs: z.number().nonnegative().optional(),
});

/** What DingTalk's documents leave open, or what differs between organizations. */
const settings = z.strictObject({
  redirectMatch: z.enum(['origin', 'prefix', 'exact']).default('origin'),
  codeParameter: z.enum(['both', 'code', 'authCode']).default('both'),
  consent: z.enum(['always', 'first', 'never']).default('always'),
  refusal: z.enum(['redirect', 'page']).default('redirect'),
  refusalError: text.default('access_denied'),
  membersOnly: z.boolean().default(true),
  stateCodeNeedsPermission: z.boolean().default(true),
  stateCodePlus: z.boolean().default(false),
  unsetFields: z.enum(['absent', 'empty']).default('absent'),
  expiredUserToken: z.enum(['InvalidAuthentication', 'accesstoken.expired']).default('InvalidAuthentication'),
  permissionWording: z.enum(['classic', 'recent']).default('classic'),
  jsapiErrorCode: z.enum(['string', 'number']).default('string'),
  domainWording: z.enum(['recent', 'classic']).default('recent'),
  /** Not DingTalk's, but the emulator's: delay of every answer, and the times of two faults whose rule names none. */
  latencyMs: z.number().nonnegative().default(0),
  slowMs: z.number().nonnegative().default(3000),
  dripMs: z.number().nonnegative().default(1000),
});

const emulatorData = z
  .strictObject({
    organizations: z.array(organization).min(1),
    apps: z.array(app).min(1),
    accounts: z.array(account),
    clients: z.array(client).default([]),
    faults: z.array(fault).default([]),
    settings: settings.prefault({}),
  })
  .superRefine(({ organizations, apps, accounts, clients }, context) => {
    const unique = <Item>(items: Item[], keyOf: (item: Item) => string, what: string) =>
      items
        .map(keyOf)
        .filter((key, index, keys) => keys.indexOf(key) !== index)
        .forEach((key) => context.addIssue({ code: 'custom', message: `two ${what} "${key}"` }));
    const memberships = accounts.flatMap((each) => each.memberships);
    unique(organizations, (each) => each.corpId, 'organizations have the corpId');
    unique(apps, (each) => each.clientId, 'apps have the clientId');
    unique(accounts, (each) => each.id, 'accounts have the id');
    unique(accounts, (each) => each.unionId, 'accounts have the unionId');
    unique(clients, (each) => each.id, 'clients have the id');
    unique(memberships, (each) => `${each.corpId}/${each.userid}`, 'memberships have the userid');
    const issuers = accounts.flatMap(({ dedicatedTo }) => (dedicatedTo ? [{ corpId: dedicatedTo }] : []));
    for (const { corpId } of [...apps, ...memberships, ...issuers]) {
      if (!organizations.some((each) => each.corpId === corpId)) {
        context.addIssue({ code: 'custom', message: `no organization has the corpId "${corpId}"` });
      }
    }
  });

export type EmulatorData = z.output<typeof emulatorData>;
export type EmulatorDataInput = z.input<typeof emulatorData>;
export type App = EmulatorData['apps'][number];
export type Account = EmulatorData['accounts'][number];
export type Membership = Account['memberships'][number];
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

export const parseClient = (input: unknown): Client => client.parse(input);

/** Checks the data and fills in the defaults; throws an error that names every wrong place. */
export function parseData(input: unknown): EmulatorData {
  const result = emulatorData.safeParse(input);
  if (result.success) {
    return result.data;
  }
  const places = result.error.issues.map(({ path, message }) => `  ${path.join('.') || 'data'}: ${message}`);
  throw new Error(`The data is not valid:\n${places.join('\n')}`);
}
