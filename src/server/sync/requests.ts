import type { Context } from '@nocobase/actions';
import type { Model } from '@nocobase/database';
import { z } from 'zod';
import { type Authenticator, requireAuthenticator } from '../configuration/authenticators';
import { MEMBERS } from '../directory/store/collections';
import { requireSourceRow } from '../directory/source';
import { rowId } from '../http/actions';
import { CodedError } from '../http/coded-error';

// What requests about sources have in common.

export const ofSource = z.object({ source: rowId });

export const page = z.int().min(1).max(100_000).default(1);

/** A source that is saved, whether it could run or not. */
export interface SavedSource {
  id: string;
  row: Model;
  /** Undefined where the source has none, or it is gone. */
  authenticator?: Authenticator;
}

/** @throws CodedError SOURCE_UNAVAILABLE */
export async function requireSaved(ctx: Context, id: string): Promise<SavedSource> {
  const row = await requireSourceRow(ctx.db, id);
  return { id: String(row.get('id')), row, authenticator: await authenticatorOf(ctx, row) };
}

async function authenticatorOf(ctx: Context, row: Model): Promise<Authenticator | undefined> {
  try {
    return await requireAuthenticator(ctx, String(row.get('options')?.authenticator), 'any');
  } catch (error) {
    if (error instanceof CodedError) {
      return undefined;
    }
    throw error;
  }
}

/** As `requireSaved`, with the authenticator. @throws CodedError also SOURCE_AUTHENTICATOR */
export async function requireBinding(
  ctx: Context,
  id: string,
): Promise<SavedSource & { authenticator: Authenticator }> {
  const { authenticator, ...saved } = await requireSaved(ctx, id);
  if (!authenticator) {
    throw new CodedError('SOURCE_AUTHENTICATOR');
  }
  return { ...saved, authenticator };
}

/** How many members are bound, open cases, and gone. */
export async function countStates({ db }: Context, sourceIds: string[], openReasons: string[]) {
  const model = db.getModel(MEMBERS);
  const count = (where: object) => model.count({ where: { sourceId: sourceIds, ...where } });
  return {
    bound: await count({ state: ['active', 'outside'] }),
    open: await count({ state: 'open', reason: openReasons }),
    left: await count({ state: 'left' }),
  };
}
