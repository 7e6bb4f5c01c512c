import type { Context } from '@nocobase/actions';
import type { Application } from '@nocobase/server';
import type { ErrorCode, SyncText } from '../../shared/codes';
import type { Trigger } from '../../shared/directory';
import { usersWho } from '../accounts/administrators';
import { sendInApp } from '../accounts/in-app';
import { HOST_SOURCES, isDirectoryOff, type Source } from './source';
import { readSourceRow, setSourceRow } from './store/source-row';
import { backgroundContext } from '../http/background';
import { CodedError } from '../http/coded-error';
import { describe } from '../http/report';

/** The page of the sources. */
const SOURCES_PATH = '/admin/settings/users-permissions/sync';

/** What administrators have been told of the runs of a source, until it is well again. */
type Episode = 'failed' | 'stopped';

/** What came of a run. */
interface RunOutcome {
  trigger: Trigger;
  /** Missing where it did not fail. */
  failure?: Pick<CodedError, 'code' | 'values'>;
  /** Whether it will be tried again soon. */
  isTriedAgain?: boolean;
}

/**
 * What is told, and what has been told then: of each episode once, and once that it is over. Whoever pressed a button sees
 * how that ended.
 *
 * @param told what was told last
 */
export function noticeOf(
  { trigger, code, isTriedAgain }: Omit<RunOutcome, 'failure'> & { code?: ErrorCode },
  told: string | undefined,
): { tell?: Episode | 'well'; told: string | undefined } {
  if (!code) {
    return { ...(told && { tell: 'well' }), told: undefined };
  }
  // Nobody has done wrong, and nothing is broken, where another run is under way or this is a clone.
  const isEpisode = code !== 'SYNC_RUNNING' && code !== 'SYNC_OFF';
  const isUnseen = trigger === 'schedule' || trigger === 'event';
  const episode: Episode = code === 'SYNC_STOPPED' ? 'stopped' : 'failed';
  if (!isEpisode || !isUnseen || isTriedAgain || told === episode) {
    return { told };
  }
  return { tell: episode, told: episode };
}

const texts = {
  failed: ['SYNC_FAILED_TITLE', 'SYNC_FAILED_CONTENT'],
  stopped: ['SYNC_STOPPED_TITLE', 'SYNC_STOPPED_CONTENT'],
  well: ['SYNC_WELL_TITLE', 'SYNC_WELL_CONTENT'],
} as const satisfies Record<Episode | 'well', readonly [SyncText, SyncText]>;

/** Tells administrators what came of a run, where that is due. It never throws: the run has ended. */
export async function tellOutcome(
  app: Application,
  source: Pick<Source, 'id' | 'title'>,
  outcome: RunOutcome,
): Promise<void> {
  const ctx = backgroundContext(app);
  try {
    const before = (await readSourceRow(app.db, source.id)).told;
    const { tell, told } = noticeOf({ ...outcome, code: outcome.failure?.code }, before);
    if (told !== before) {
      await setSourceRow(app, source.id, { told: told ?? null });
    }
    if (tell && !isDirectoryOff()) {
      await tellManagers(ctx, source.title, texts[tell], outcome.failure);
    }
  } catch (error) {
    ctx.logger.warn('DingTalk directory', { outcome: 'NOTICE_FAILED', source: source.id, reason: describe(error) });
  }
}

/**
 * Tells administrators of a source, in-app.
 *
 * @param source its title
 * @param failure why, where there is a reason to name
 * @throws where it could not be sent
 */
export async function tellManagers(
  ctx: Context,
  source: string,
  [title, content]: readonly [SyncText, SyncText],
  { code, values }: NonNullable<RunOutcome['failure']> = new CodedError('SYNC_FAILED'),
): Promise<void> {
  for (const userId of await usersWho(ctx, `${HOST_SOURCES}:update`)) {
    await sendInApp(ctx, userId, SOURCES_PATH, async ({ say }) => ({
      title: say(title),
      content: say(content, { source, reason: `${say(code, values)} (${code})` }),
    }));
  }
}
