import { z } from 'zod';
import { FIELD_NAMES } from '../../shared/constants';
import type {
  BrakeLimits,
  FieldName,
  FieldRule,
  Leavers,
  NewUsers,
  Schedule,
  SourceOptions,
} from '../../shared/directory';
import type { EventMode } from '../../shared/events';
import { CodedError } from '../http/coded-error';
import { isZone } from './clock';

/** The options of a source, validated, with their defaults. */
export interface SourceSettings {
  /** Name of the authenticator whose app reads the directory. */
  authenticator: string;
  /** Null for all that the app may see. */
  departments: number[] | null;
  newUsers: NewUsers;
  leavers: Leavers;
  fields: Partial<Record<FieldName, FieldRule>>;
  /** Whether an administrator chose the phone number for all users, not for those alone whom the source creates. */
  writesPhoneOfOthers: boolean;
  schedule: Schedule | null;
  brake: BrakeLimits;
  events: EventMode;
}

/** What is written where nothing was chosen. */
const DEFAULT_FIELDS: SourceSettings['fields'] = {
  nickname: { column: 'nickname', follow: 'ours' },
  phone: { column: 'phone', follow: 'ours' },
};

const DEFAULT_BRAKE: BrakeLimits = { free: 5, percent: 10, most: 100 };

/** No control characters: SQLite fails at a NUL, and a line break would forge a line of a log. */
const name = z.string().regex(/^\P{Cc}{1,255}$/u);

const brakeLimit = (min: number, max: number) => z.int().min(min).max(max).optional();

/** A field that is not known is refused: a misspelled one would silently not be written. */
const fieldsSchema = z.partialRecord(
  z.enum(FIELD_NAMES),
  z
    .object({ column: name, follow: z.enum(['ours', 'always', 'once']), newUsersOnly: z.boolean().optional() })
    .optional(),
);

const sourceOptionsSchema = z.object({
  authenticator: name,
  // DingTalk answers errors about the departments 0 and below, which belong to other books.
  departments: z.array(z.int().positive()).max(1000).nullish(),
  newUsers: z.enum(['create', 'link']).nullish(),
  leavers: z.enum(['detach', 'keep', 'delete']).nullish(),
  fields: fieldsSchema.nullish(),
  schedule: z
    .object({ time: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/), zone: z.string().max(64).refine(isZone) })
    .nullish(),
  brake: z.object({ free: brakeLimit(0, 50), percent: brakeLimit(1, 50), most: brakeLimit(1, 1000) }).nullish(),
  events: z.enum(['stream', 'http', 'off']).nullish(),
}) satisfies z.ZodType<SourceOptions>;

/**
 * What of options is stored: everything that a source knows, at every depth. The rest is left out, and not refused, as a
 * form sends back what an earlier version stored. A secret that somebody puts there would be read by everybody who may see
 * sources.
 *
 * @param options from whomever
 * @throws CodedError SOURCE_INVALID
 */
export function storableOptions(options: unknown): z.output<typeof sourceOptionsSchema> {
  const { data, error } = sourceOptionsSchema.safeParse(options);
  if (!data) {
    const places = error.issues.map(({ path }) => path.join('.') || 'options');
    throw new CodedError('SOURCE_INVALID', { reason: [...new Set(places)].join(', ') });
  }
  return data;
}

/**
 * @param options as the source has them, from whomever
 * @throws CodedError SOURCE_INVALID
 */
export function parseOptions(options: unknown): SourceSettings {
  const { authenticator, departments, newUsers, leavers, fields, schedule, brake, events } = storableOptions(options);
  return {
    authenticator,
    departments: departments?.length ? [...new Set(departments)] : null,
    newUsers: newUsers ?? 'create',
    leavers: leavers ?? 'detach',
    fields: fields ? chosenOf(fields) : DEFAULT_FIELDS,
    writesPhoneOfOthers: Boolean(fields?.phone && !fields.phone.newUsersOnly),
    schedule: schedule ?? null,
    brake: { ...DEFAULT_BRAKE, ...definedOf(brake ?? {}) },
    events: events ?? 'stream',
  };
}

/** @throws CodedError SOURCE_INVALID where two fields would write one column, and each run would undo the other */
function chosenOf(fields: z.infer<typeof fieldsSchema>): SourceSettings['fields'] {
  const chosen = definedOf(fields);
  const columns = Object.values(chosen).map(({ column }) => column);
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice) {
    throw new CodedError('SOURCE_INVALID', { reason: `two fields for the column ${twice}` });
  }
  return chosen;
}

/** Without what is undefined, which would otherwise take the place of a default. */
function definedOf<T extends object>(values: T): { [Key in keyof T]?: NonNullable<T[Key]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: NonNullable<T[Key]>;
  };
}
