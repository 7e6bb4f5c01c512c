import type { Context } from '@nocobase/actions';
import type { Database, Field, Model } from '@nocobase/database';
import { presetAuthType } from '@nocobase/plugin-auth';
import { AUTH_TYPE, CHANNEL_TYPE } from '../../shared/constants';
import { Privileges } from '../accounts/privileges';
import { unpublishedIn } from './authenticators';
import type { Settings } from './settings';
import { titleOf } from './titles';

/** What in NocoBase itself decides whether settings are safe, and whether they can work. */
export interface NocoBaseState {
  /** Titles of the enabled password authenticators with which anybody may sign up. */
  openSignUps: string[];
  canEditProfile: boolean;
  /** By the role that new users get. */
  isDefaultRolePrivileged: boolean;
  /** Whether new users get NocoBase's default role in place of the chosen one. */
  isDefaultRoleUnused: boolean;
  /** The fields of users that must have a value. */
  requiredFields: NamedField[];
  /** The fields of users that take some values alone, as a rule of theirs says. */
  limitedFields: NamedField[];
  /** See `namesOfUnpublished`. */
  unpublished: string[];
  /** Titles of the channels that send by this app. */
  channels: string[];
}

interface NamedField {
  name: string;
  title: string;
}

/** @param entered the options, as they are in the form */
export async function readNocoBase(ctx: Context, settings: Settings, entered: object): Promise<NocoBaseState> {
  const { app, db } = ctx;
  const newUsers = await new Privileges(db, settings.protectedRoles).ofNewUsers(settings.defaultRole);
  const named = ({ name, options: { uiSchema } }: Field) => ({ name, title: titleOf(ctx, uiSchema?.title, name) });
  return {
    openSignUps: (await readOpenSignUps(db)).map((row) => titleOf(ctx, row.get('title'), String(row.get('name')))),
    canEditProfile: await readCanEditProfile(db),
    isDefaultRolePrivileged: newUsers.isPrivileged,
    isDefaultRoleUnused: newUsers.refused !== undefined,
    requiredFields: fieldsOf(db).filter(isRequired).map(named),
    limitedFields: fieldsOf(db)
      .filter((field) => rulesOf(field).some((rule) => rule !== REQUIRED))
      .map(named),
    unpublished: unpublishedIn(app, settings, entered),
    channels: await readChannels(ctx, settings),
  };
}

/** Whether anybody could give a user of their own the phone number of somebody else, for whom it would be matched. */
export async function canPrepareMatch(db: Database): Promise<boolean> {
  return (await readCanEditProfile(db)) || (await readOpenSignUps(db)).length > 0;
}

async function readCanEditProfile(db: Database): Promise<boolean> {
  const systemSettings: Model | null = await db.getModel('systemSettings').findOne();
  // NocoBase takes a value that was never saved for "on".
  return systemSettings?.get('enableEditProfile') !== false;
}

async function readOpenSignUps(db: Database): Promise<Model[]> {
  const where = { authType: presetAuthType, enabled: true };
  const rows: Model[] = await db.getModel('authenticators').findAll({ where, order: ['id'] });
  return rows.filter((row) => row.get('options')?.public?.allowSignUp);
}

/** NocoBase's channels for notifications, which a plugin of its own has. */
const CHANNELS = 'notificationChannels';

async function readChannels({ app, db }: Context, { clientId }: Settings): Promise<string[]> {
  if (!db.hasCollection(CHANNELS)) {
    return [];
  }
  const authenticators: Model[] = await db.getModel('authenticators').findAll({ where: { authType: AUTH_TYPE } });
  const clientIdOf = (row: Model) => app.environment.renderJsonTemplate(row.get('options'))?.dingtalk?.clientId;
  const names = authenticators.filter((row) => clientIdOf(row) === clientId).map((row) => row.get('name'));
  const channels: Model[] = await db.getModel(CHANNELS).findAll({ where: { notificationType: CHANNEL_TYPE } });
  return channels
    .filter((row) => names.includes(row.get('options')?.authenticator))
    .map((row) => String(row.get('title') || row.get('name')));
}

/** NocoBase makes the values of these by itself. */
const FILLED = new Set(['nanoid', 'sequence', 'snowflakeId', 'sort', 'uid', 'uuid']);

const fieldsOf = (db: Database): Field[] => [...db.getCollection('users').fields.values()];

const REQUIRED = 'required';
const rulesOf = ({ options }: Field): string[] =>
  (options.validation?.rules ?? []).map(({ name }: { name: string }) => name);

/**
 * NocoBase has two ways to require a value. The rule of a field is asked before default values are filled in; the column
 * that must not be null is asked by the database, afterwards.
 */
function isRequired(field: Field): boolean {
  const { type, options } = field;
  const isColumn = options.allowNull === false && !options.primaryKey && !options.autoIncrement && !FILLED.has(type);
  return rulesOf(field).includes(REQUIRED) || (isColumn && (options.defaultValue ?? null) === null);
}
