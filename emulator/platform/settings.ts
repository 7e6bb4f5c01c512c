import { z } from 'zod';

const text = z.string().min(1);

/** What DingTalk's documents leave open, or what differs between organizations. */
export const settings = z.strictObject({
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
  // The address book.
  /** Of an app, at one endpoint; 0 is no limit. DingTalk allows 20. */
  maxPerSecond: z.number().int().nonnegative().default(0),
  /** How long everything is refused once the limit was passed; 0 is until a second has fewer requests. */
  throttlePenaltyMs: z.number().nonnegative().default(0),
  throttleWrapped: z.boolean().default(true),
  listsubOrder: z.enum(['order', 'id', 'reverse']).default('order'),
  listsubWithoutId: z.enum(['root', 'refused']).default('root'),
  schoolDepartments: z.boolean().default(false),
  departmentGetOutside: z.enum(['50004', '43007']).default('50004'),
  userListOfNoDepartment: z.enum(['60003', '60019', '40035']).default('60003'),
  maxPageSize: z.number().int().positive().default(100),
  overMaxPageSize: z.enum(['cut', 'refused']).default('cut'),
  nextCursorAtEnd: z.enum(['absent', 'zero', 'end']).default('absent'),
  userListValues: z.enum(['typed', 'texts']).default('typed'),
  userListOfOne: z.enum(['array', 'object']).default('array'),
  inactiveListed: z.boolean().default(true),
  inactiveHaveUnionid: z.boolean().default(true),
  dedicatedListed: z.boolean().default(true),
  foreignDepartments: z.enum(['shown', 'hidden']).default('shown'),
  // Events.
  streamChoice: z.enum(['random', 'newest']).default('random'),
  streamWithoutConnection: z.enum(['lost', 'again']).default('lost'),
  streamGreeting: z.boolean().default(true),
  /** Of these, 0 is never. */
  streamPingMs: z.number().nonnegative().default(30_000),
  streamKeepAliveMs: z.number().nonnegative().default(25_000),
  streamAnswerMs: z.number().positive().default(3000),
  streamRepeatMs: z.number().nonnegative().default(10_000),
  streamLaterMs: z.number().nonnegative().default(60_000),
  streamAttempts: z.number().int().positive().default(10),
  streamCloseMs: z.number().nonnegative().default(10_000),
  /** What the gateway names in place of the emulator's own address. */
  streamEndpoint: text.optional(),
  pushTimestamp: z.enum(['seconds', 'milliseconds']).default('seconds'),
  pushCheckMs: z.number().positive().default(1500),
  pushAnswerMs: z.number().positive().default(2500),
  pushRepeatsMs: z.array(z.number().nonnegative()).default([10_000, 30_000]),
  pushesAtOnce: z.number().int().positive().default(20),
  failedListedMs: z.number().nonnegative().default(300_000),
  idsPerEvent: z.number().int().positive().default(100),
  /** By how much the clock of what sends events is ahead of the emulator's. */
  eventClockMs: z.number().default(0),
  /** Not DingTalk's, but the emulator's: whether departments may have no parent, or be below themselves. */
  brokenTree: z.boolean().default(false),
  /** Not DingTalk's, but the emulator's: delay of every answer, and the times of two faults whose rule names none. */
  latencyMs: z.number().nonnegative().default(0),
  slowMs: z.number().nonnegative().default(3000),
  dripMs: z.number().nonnegative().default(1000),
});
