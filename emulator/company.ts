import { z } from 'zod';
import { DEFAULT_VERSION, devices } from './client/devices';
import { endpointNames, faultKinds } from './names';

const text = z.string().min(1);
const corpId = z.string().regex(/^ding[0-9a-f]{32}$/, 'must be "ding" and 32 hexadecimal digits');
const digits = z.string().regex(/^\d+$/, 'must be digits only');
const id = z.string().regex(/^[a-z0-9-]+$/, 'must be small letters, digits and hyphens');

const corp = z.strictObject({ corpId, name: text });

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
  /** Whom the app may read: everybody, or these userids. */
  contactScope: z.union([z.literal('all'), z.array(text)]).default('all'),
  ipWhiteList: z.array(text).default([]),
});

const membership = z.strictObject({
  corpId,
  userid: text,
  name: text,
  title: text.optional(),
  mobile: digits.optional(),
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
  mobile: digits.optional(),
  stateCode: digits.optional(),
  email: z.email().optional(),
  memberships: z.array(membership).default([]),
});

/** An installed DingTalk app. */
const client = z.strictObject({
  id,
  device: z.enum(devices),
  clientVersion: z
    .string()
    .regex(/^\d+(\.\d+)+$/, 'must be numbers with dots between them')
    .default(DEFAULT_VERSION),
  /** Who is signed in to it: `id` of an account. */
  account: text,
});

const fault = z.strictObject({
  endpoint: z.enum([...endpointNames, '*']),
  fault: z.enum(faultKinds),
  /** How often it strikes; without it, always. */
  times: z.number().int().positive().optional(),
  delayMs: z.number().nonnegative().optional(),
});

/** What DingTalk's documents leave open, or what differs between organisations. */
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
  latencyMs: z.number().nonnegative().default(0),
});

const company = z
  .strictObject({
    corps: z.array(corp).min(1),
    apps: z.array(app).min(1),
    accounts: z.array(account),
    clients: z.array(client).default([]),
    faults: z.array(fault).default([]),
    settings: settings.prefault({}),
  })
  .superRefine(({ corps, apps, accounts, clients }, context) => {
    const unique = (values: string[], what: string) =>
      values
        .filter((value, index) => values.indexOf(value) !== index)
        .forEach((value) => context.addIssue({ code: 'custom', message: `two ${what} "${value}"` }));
    const memberships = accounts.flatMap((each) => each.memberships);
    unique(corps.map((each) => each.corpId), 'corps have the corpId'); // prettier-ignore
    unique(apps.map((each) => each.clientId), 'apps have the clientId'); // prettier-ignore
    unique(accounts.map((each) => each.id), 'accounts have the id'); // prettier-ignore
    unique(accounts.map((each) => each.unionId), 'accounts have the unionId'); // prettier-ignore
    unique(clients.map((each) => each.id), 'clients have the id'); // prettier-ignore
    unique(memberships.map((each) => `${each.corpId}/${each.userid}`), 'memberships have the userid'); // prettier-ignore
    for (const { corpId } of [...apps, ...memberships])
      if (!corps.some((each) => each.corpId === corpId))
        context.addIssue({ code: 'custom', message: `no corp has the corpId "${corpId}"` });
  });

export type Company = z.output<typeof company>;
export type CompanyInput = z.input<typeof company>;
export type App = Company['apps'][number];
export type Account = Company['accounts'][number];
export type Membership = Account['memberships'][number];
export type Client = z.output<typeof client>;
export type FaultRule = Company['faults'][number];
export type Settings = Company['settings'];

export const parseClient = (input: unknown): Client => client.parse(input);

/** Checks a company and fills in the defaults; throws an error that names every wrong place. */
export function parseCompany(input: unknown): Company {
  const result = company.safeParse(input);
  if (result.success) return result.data;
  const places = result.error.issues.map(({ path, message }) => `  ${path.join('.') || 'company'}: ${message}`);
  throw new Error(`The company is not valid:\n${places.join('\n')}`);
}
