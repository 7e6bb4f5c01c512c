import { createJsapiTicket, getAppToken, getOrganizationToken } from '../dingtalk/api';
import { DingTalkError, retryOnce } from '../dingtalk/errors';
import { type DingTalkHost, dingTalkUrl } from '../dingtalk/http';
import { getMember } from '../dingtalk/oapi';
import { type Answer, findingsOf, type Found, type Question, questionsOf } from './findings';
import type { Settings } from './settings';

/** All calls of one check end within this time. */
const TIMEOUT_MS = 5000;

/**
 * Asks DingTalk about settings: at most four calls, five for an older app, none of which changes anything in DingTalk.
 *
 * @param unpublished see `namesOfUnpublished`: an organization is a part of addresses, and addresses are logged
 */
export async function checkSettings(
  settings: Settings,
  unpublished: string[] = [],
  timeoutMs = TIMEOUT_MS,
): Promise<Found[]> {
  const signal = AbortSignal.timeout(timeoutMs);
  const app = unpublished.includes('Corp ID') ? { ...settings, corpId: undefined } : settings;
  let token = '';
  const credentials = await ask('DINGTALK_API_URL', async () => {
    ({ accessToken: token } = await retryOnce(() => getAppToken(app, signal)));
  });
  if (credentials.failure) {
    return findingsOf(settings, { credentials });
  }
  const asks: Record<Exclude<Question, 'credentials'>, () => Promise<Answer>> = {
    serverAddress: () => ask('DINGTALK_API_URL', () => createJsapiTicket(token, signal)),
    organization: () => ask('DINGTALK_API_URL', () => getOrganizationToken(app, app.corpId ?? '', signal)),
    members: () => ask('DINGTALK_OAPI_URL', () => askForAbsentMember(token, signal)),
  };
  const answers = await Promise.all(
    questionsOf(app).map(async (question) => [question, await asks[question]()] as const),
  );
  return findingsOf(settings, { credentials, ...Object.fromEntries(answers) });
}

async function ask(host: DingTalkHost, call: () => Promise<unknown>): Promise<Answer> {
  try {
    await call();
    return { host: nameOf(host) };
  } catch (error) {
    if (error instanceof DingTalkError) {
      return { host: nameOf(host), failure: error };
    }
    throw error;
  }
}

/** How DingTalk refuses a member that cannot exist. Only an app with the permission to read members gets this far. */
const ABSENT_MEMBER = new Set(['60121', '33012', '400002', '50002']);

async function askForAbsentMember(token: string, signal: AbortSignal): Promise<void> {
  try {
    await getMember(token, 'nobody-configuration-check', signal);
  } catch (error) {
    if (!(error instanceof DingTalkError) || !ABSENT_MEMBER.has(error.dingTalkCode ?? '')) {
      throw error;
    }
  }
}

function nameOf(host: DingTalkHost): string {
  try {
    return dingTalkUrl(host, '/').host;
  } catch {
    // The variable holds no address that may be used: the sentence names the variable.
    return host;
  }
}
