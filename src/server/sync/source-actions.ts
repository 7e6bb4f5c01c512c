import type { Context } from '@nocobase/actions';
import type { Model } from '@nocobase/database';
import { z } from 'zod';
import { caseCodes, type CaseCode } from '../../shared/codes';
import { SOURCE_TYPE } from '../../shared/constants';
import type { Counts, SourceState } from '../../shared/directory';
import { withBindingLock } from '../accounts/lock';
import { withCodes } from '../directory/failures';
import { withLease } from '../directory/lock';
import { readerOf } from '../directory/read/reader';
import { listRuns, noCounts, readRun } from '../directory/store/runs';
import { HOST_SOURCES, isDirectoryOff, requireEnabled, requireSource } from '../directory/source';
import {
  forgetMembers,
  isOtherDirectory,
  isRunning,
  readSourceRow,
  requireSameDirectory,
  setSourceRow,
  type SourceRow,
  writeSourceRow,
} from '../directory/store/source-row';
import { ALLOWED_MS, toStop } from '../directory/stops';
import { definePostAction, rowId, text } from '../http/actions';
import { CodedError } from '../http/coded-error';
import { checkOptions } from './check';
import { departmentsBelow, toChoices } from './departments';
import { readForForm } from './form-readings';
import { say } from '../http/report';
import { previewOf } from './preview';
import { toCsv, toReport, toSummary, withNames } from './reports';
import { countStates, ofSource, page, requireBinding, requireSaved, type SavedSource } from './requests';
import { unmatchedMembers, unmatchedUsers } from './unmatched';

/** How long a form waits for a few calls. */
const CALLS_MS = 30_000;

const topic = 'directory';

const options = z.record(z.string(), z.unknown());

/** `POST dingtalk:getDepartments` */
export const getDepartments = definePostAction('getDepartments', {
  topic,
  body: z.object({ authenticator: text.min(1), parent: z.int().positive().optional() }),
  authenticatorOf: (_, body) => body.authenticator,
  run: (ctx, { authenticator: name, parent }) =>
    withCodes(async () => {
      const authenticator = await requireEnabled(ctx.app, name);
      const { corpId, ...appSettings } = authenticator.settings;
      if (!corpId) {
        throw new CodedError('CORP_ID_REQUIRED');
      }
      const reader = readerOf(ctx.app, { appSettings: { ...appSettings, corpId } }, AbortSignal.timeout(CALLS_MS));
      return toChoices(ctx, authenticator, await departmentsBelow(reader, parent));
    }),
});

/** `POST dingtalk:checkSource` */
export const checkSource = definePostAction('checkSource', {
  topic,
  body: z.object({ options, source: rowId.optional() }),
  run: (ctx, { options: entered, source }) =>
    withCodes(async () => {
      const wanted = await requireSource(ctx.app, entered, { id: source });
      return readForForm(ctx, wanted.appSettings.clientId, (signal) => checkOptions(ctx, wanted, signal));
    }),
});

/** `POST dingtalk:previewRun` */
export const previewRun = definePostAction('previewRun', {
  topic,
  body: z.object({ options, source: rowId.optional(), member: text.min(1).optional() }),
  run: (ctx, { options: entered, source, member }) =>
    withCodes(async () => {
      if (isDirectoryOff()) {
        throw new CodedError('SYNC_OFF');
      }
      const { id } = source ? await requireSaved(ctx, source) : {};
      const wanted = await requireSource(ctx.app, entered, { id });
      requireSameDirectory(wanted, await readSourceRow(ctx.db, wanted.id));
      return readForForm(ctx, wanted.appSettings.clientId, (signal) => previewOf(ctx, wanted, member, signal));
    }),
});

/** `POST dingtalk:getSourceState` */
export const getSourceState = definePostAction('getSourceState', {
  topic,
  body: ofSource,
  run: async (ctx, { source }) => stateOf(ctx, await requireSaved(ctx, source)),
});

const openReasons = (Object.keys(caseCodes) as CaseCode[]).filter((code) => caseCodes[code] === 'open');

async function stateOf(ctx: Context, saved: SavedSource): Promise<SourceState> {
  const { id, row, authenticator } = saved;
  const known = await readSourceRow(ctx.db, id);
  const [lastRun] = await listRuns(ctx.db, id, { limit: 1 });
  const isOff = isDirectoryOff();
  const newStart = newStartOf(saved, known);
  const stop = known.stop && toStop(known.stop);
  return {
    isOff,
    isRunning: isRunning(known),
    ...(lastRun && { lastRun: toSummary(ctx, lastRun) }),
    ...(known.nextRun !== undefined && !isOff && row.get('enabled') && { nextRun: known.nextRun }),
    ...(stop && {
      stop: { ...stop, entries: await withNames(ctx, stop.entries, authenticator?.protectedRoles ?? []) },
    }),
    ...(newStart && { newStart }),
    members: await countStates(ctx, [id], openReasons),
  };
}

/** What the authenticator belongs to now, where that is another organization or app than the members that are known. */
function newStartOf({ authenticator }: SavedSource, known: SourceRow): SourceState['newStart'] {
  try {
    const { corpId, clientId = '' } = authenticator?.settings ?? {};
    return corpId && isOtherDirectory({ corpId, clientId }, known) ? { corpId, clientId } : undefined;
  } catch (error) {
    if (error instanceof CodedError) {
      return undefined;
    }
    throw error;
  }
}

/** `POST dingtalk:getRuns` */
export const getRuns = definePostAction('getRuns', {
  topic,
  body: ofSource.extend({ kind: z.enum(['runs', 'events']).default('runs') }),
  async run(ctx, { source, kind }) {
    const { id } = await requireSaved(ctx, source);
    return (await listRuns(ctx.db, id, { kind })).map((run) => toSummary(ctx, run));
  },
});

const ofRun = ofSource.extend({ run: rowId });

async function requireRun(ctx: Context, { source, run }: z.output<typeof ofRun>) {
  const { id, authenticator } = await requireSaved(ctx, source);
  const found = await readRun(ctx.db, id, run);
  if (!found) {
    throw new CodedError('SOURCE_UNAVAILABLE');
  }
  return { ...found, protectedRoles: authenticator?.protectedRoles ?? [] };
}

const actions = (Object.keys(noCounts()) as (keyof Counts)[]).filter((action) => action !== 'unchanged');

/** `POST dingtalk:getReport` */
export const getReport = definePostAction('getReport', {
  topic,
  body: ofRun.extend({
    action: z.enum(actions).optional(),
    page,
  }),
  run: async (ctx, body) => toReport(ctx, await requireRun(ctx, body), body),
});

/** `POST dingtalk:exportReport` */
export const exportReport = definePostAction('exportReport', {
  topic,
  body: ofRun,
  async run(ctx, body) {
    const { entries, protectedRoles } = await requireRun(ctx, body);
    return { csv: toCsv(await withNames(ctx, entries, protectedRoles), (code) => say(ctx, code, { fields: '' })) };
  },
});

const ofStop = ofSource.extend({ stop: text.min(1) });

async function requireStop(ctx: Context, { source, stop: id }: z.output<typeof ofStop>) {
  const saved = await requireSaved(ctx, source);
  const { stop, told } = await readSourceRow(ctx.db, saved.id);
  // Another run may have stopped meanwhile, for more: nobody has read that list.
  if (stop?.id !== id) {
    throw new CodedError('SOURCE_UNAVAILABLE', { reason: 'another stop, or none' });
  }
  return { sourceId: saved.id, stop, told };
}

/** `POST dingtalk:allowStop` */
export const allowStop = definePostAction('allowStop', {
  topic,
  body: ofStop,
  async run(ctx, body) {
    const { sourceId, stop } = await requireStop(ctx, body);
    await setSourceRow(ctx.app, sourceId, { stop: { ...stop, allowedUntil: Date.now() + ALLOWED_MS } });
    return {};
  },
});

/** `POST dingtalk:discardStop` */
export const discardStop = definePostAction('discardStop', {
  topic,
  body: ofStop,
  async run(ctx, body) {
    const { sourceId, told } = await requireStop(ctx, body);
    // Whatever stops next is another matter: administrators are told of it, also where no run went well in between.
    await setSourceRow(ctx.app, sourceId, { stop: null, ...(told === 'stopped' && { told: null }) });
    return {};
  },
});

/** `POST dingtalk:confirmNewStart` */
export const confirmNewStart = definePostAction('confirmNewStart', {
  topic,
  body: ofSource.extend({ corpId: text.min(1), clientId: text.min(1) }),
  async run(ctx, { source, corpId, clientId }) {
    const { app, db } = ctx;
    const saved = await requireBinding(ctx, source);
    await withLease(app, saved.id, async () => {
      const newStart = newStartOf(saved, await readSourceRow(db, saved.id));
      // What was confirmed is what the form showed: the authenticator may have changed once more.
      if (newStart?.corpId !== corpId || newStart.clientId !== clientId) {
        throw new CodedError('OTHER_DIRECTORY');
      }
      await withBindingLock(ctx, saved.authenticator.model, async (transaction) => {
        await forgetMembers(db, saved.id, transaction);
        await writeSourceRow(db, saved.id, { corpId, clientId, stop: null }, transaction);
      });
    });
    return {};
  },
});

/** `POST dingtalk:getUnmatched` */
export const getUnmatched = definePostAction('getUnmatched', {
  topic,
  body: ofSource.extend({ side: z.enum(['users', 'members']), page }),
  async run(ctx, { source, side, page: wanted }) {
    const { id, authenticator } = await requireBinding(ctx, source);
    return side === 'users'
      ? unmatchedUsers(ctx, authenticator, wanted)
      : unmatchedMembers(ctx, { id, protectedRoles: authenticator.protectedRoles }, wanted);
  },
});

/** `POST dingtalk:countMembers`, for the settings form of an authenticator. */
export const countMembers = definePostAction('countMembers', {
  topic,
  body: z.object({ authenticator: text.min(1) }),
  authenticatorOf: (_, body) => body.authenticator,
  async run(ctx, { authenticator }) {
    const rows: Model[] = await ctx.db.getModel(HOST_SOURCES).findAll({ where: { sourceType: SOURCE_TYPE } });
    const ids = rows
      .filter((row) => row.get('options')?.authenticator === authenticator)
      .map((row) => String(row.get('id')));
    if (!ids.length) {
      return null;
    }
    const { bound, open } = await countStates(ctx, ids, openReasons);
    return { bound, open };
  },
});
