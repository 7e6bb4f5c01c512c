import { maskMobile } from '../contacts/account';
import { isRecord } from '../http/endpoint';

/** The faults that change nothing but the body: each makes the wrong text of the right value. */

type Edit = (value: unknown) => unknown;

/** Applies an edit to every leaf, at every depth. */
const eachLeaf = (value: unknown, edit: (leaf: unknown, key: string) => unknown, key = ''): unknown => {
  if (Array.isArray(value)) {
    return value.map((item) => eachLeaf(item, edit, key));
  }
  if (!isRecord(value)) {
    return edit(value, key);
  }
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, eachLeaf(item, edit, name)]));
};

/** A string becomes what a database filter would take for an operator. */
const wrongType: Edit = (leaf) =>
  typeof leaf === 'string' ? { $ne: null } : typeof leaf === 'number' ? [leaf] : 'yes';

const numberAsString: Edit = (leaf) => (typeof leaf === 'string' ? leaf : String(leaf));

const optional = new Set(
  [
    'avatarUrl openId mobile stateCode email visitor refreshToken corpId avatar state_code org_email title',
    'telephone job_number work_place remark extension hired_date manager_userid login_id order next_cursor',
  ].flatMap((names) => names.split(' ')),
);

const withoutOptional: Edit = (value) =>
  isRecord(value)
    ? Object.fromEntries(
        Object.entries(value)
          .filter(([name]) => !optional.has(name))
          .map(([name, item]) => [name, withoutOptional(item)]),
      )
    : value;

const poison = '"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}';

export const answerEdits = {
  truncatedJson: (right) => JSON.stringify(right).slice(0, JSON.stringify(right).length / 2),
  jsonNull: () => 'null',
  jsonArray: (right) => JSON.stringify([right]),
  wrongTypes: (right) => JSON.stringify(eachLeaf(right, wrongType)),
  numbersAsStrings: (right) => JSON.stringify(eachLeaf(right, numberAsString)),
  // As text: an object literal with such keys would change the object, not its JSON.
  protoKeys: (right) => `{${poison},${JSON.stringify(right).slice(1)}`,
  missingOptional: (right) => JSON.stringify(withoutOptional(right)),
  maskedMobile: (right) =>
    JSON.stringify(
      eachLeaf(right, (leaf, key) => (key === 'mobile' && typeof leaf === 'string' ? maskMobile(leaf) : leaf)),
    ),
} satisfies Record<string, (right: unknown) => string>;
