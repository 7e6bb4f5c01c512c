import type { Context } from 'koa';
import { requireOapiApp } from '../authentication/access';
import { oapiEndpoint, oapiFlag, oapiNumber, oapiParameter } from '../http/endpoint';
import { errors, type Json, oapiOk } from '../http/errors';
import type { App, Settings } from '../platform/data';
import { type Directory, isLeaderIn, type Member, orderIn } from '../platform/directory';
import type { Platform } from '../platform/platform';
import { memberFields, visibleDepartments } from './member-fields';
import { requireDepartment, requireInScope } from './scope';

const orders = ['entry_asc', 'entry_desc', 'modify_asc', 'modify_desc', 'custom'];

const unknownDepartment = ({ userListOfNoDepartment: code }: Settings) =>
  code === '60003' ? errors.noDepartment : code === '60019' ? errors.badList : errors.badPage;

interface Wrong {
  cursor: () => Error;
  size: () => Error;
}

/** One page of the employees of a department, in the order that the request names. */
function pageOf(ctx: Context, platform: Platform, app: App, wrong: Wrong) {
  const directory = platform.directory(app.corpId);
  const { settings } = platform.data;
  const department = requireDepartment(ctx, directory, { unknown: unknownDepartment(settings) });
  const cursor = oapiNumber(ctx, 'cursor');
  if (cursor === undefined || !(cursor >= 0)) {
    throw wrong.cursor();
  }
  const asked = oapiNumber(ctx, 'size');
  if (asked === undefined || !(asked > 0) || (asked > settings.maxPageSize && settings.overMaxPageSize === 'refused')) {
    throw wrong.size();
  }
  const order = oapiParameter(ctx, 'order_field') || 'custom';
  if (!orders.includes(order)) {
    throw errors.badPage();
  }
  requireInScope(app, directory, department);

  const { dept_id } = department;
  const listed = listedIn(directory, dept_id, settings, oapiFlag(ctx, 'contain_access_limit') === true);
  const end = cursor + Math.min(asked, settings.maxPageSize);
  const page = inOrder(listed, order, dept_id).slice(cursor, end);
  return { dept_id, directory, page, cursors: cursorsOf(end, listed.length, settings) };
}

function listedIn(directory: Directory, department: number, settings: Settings, limited: boolean): Member[] {
  const { inactiveListed, dedicatedListed } = settings;
  const isListed = ({ account, membership }: Member) =>
    (inactiveListed || membership.active) &&
    (dedicatedListed || account.dedicatedTo === undefined) &&
    (limited || !membership.access_limited);
  return directory.employeesIn(department).filter(isListed);
}

/** Of times of entry and change the emulator knows no more than the order of the data. */
function inOrder(members: Member[], order: string, department: number): Member[] {
  if (order === 'custom') {
    return members.sort((a, b) => orderIn(b.membership, department) - orderIn(a.membership, department));
  }
  return order.endsWith('desc') ? members.reverse() : members;
}

function cursorsOf(end: number, total: number, { nextCursorAtEnd }: Settings): Json {
  if (end < total) {
    return { has_more: true, next_cursor: end };
  }
  const last = { absent: {}, zero: { next_cursor: 0 }, end: { next_cursor: total } };
  return { has_more: false, ...last[nextCursorAtEnd] };
}

/** As the samples of DingTalk's documents print it: every value is a text, a list too. */
const asTexts = (fields: Json): Json =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );

/** Document: queries-the-complete-information-of-a-department-user. This department alone, without those below it. */
const list = oapiEndpoint('v2/user/list', (ctx, platform) => {
  const app = requireOapiApp(ctx, platform, 'qyapi_get_department_member');
  const wrong = { cursor: errors.badPage, size: errors.badPage };
  const { dept_id, directory, page, cursors } = pageOf(ctx, platform, app, wrong);
  const { userListValues, userListOfOne } = platform.data.settings;
  const styled = userListValues === 'texts' ? asTexts : (fields: Json) => fields;
  const members = page.map((member) =>
    styled({
      ...memberFields(app, member, platform),
      dept_id_list: visibleDepartments(app, member, directory, platform),
      dept_order: orderIn(member.membership, dept_id),
      leader: isLeaderIn(member.membership, dept_id),
    }),
  );
  const [only] = members;
  const isObject = userListOfOne === 'object' && members.length === 1;
  return oapiOk({ ...styled(cursors), list: isObject ? only : members });
});

/** Document: queries-the-simple-information-of-a-department-user. */
const listSimple = oapiEndpoint('user/listsimple', (ctx, platform) => {
  const app = requireOapiApp(ctx, platform, 'qyapi_get_department_member');
  const { page, cursors } = pageOf(ctx, platform, app, { cursor: errors.badCursor, size: errors.badSize });
  return oapiOk({ ...cursors, list: page.map(({ membership: { userid, name } }) => ({ userid, name })) });
});

/** Document: query-the-list-of-department-userids. It has no pages, and is not limited by the contact scope. */
const listId = oapiEndpoint('user/listid', (ctx, platform) => {
  const app = requireOapiApp(ctx, platform, 'qyapi_get_member');
  const directory = platform.directory(app.corpId);
  const { dept_id } = requireDepartment(ctx, directory);
  const listed = listedIn(directory, dept_id, platform.data.settings, true);
  return oapiOk({ userid_list: listed.map(({ membership }) => membership.userid) });
});

/** Document: obtain-the-number-of-employees-v2. Of the whole organization, whatever the contact scope. */
const count = oapiEndpoint('user/count', (ctx, platform) => {
  const app = requireOapiApp(ctx, platform, 'qyapi_get_member');
  const onlyActive = oapiFlag(ctx, 'only_active');
  if (onlyActive === undefined) {
    throw errors.badParameter();
  }
  const counts = ({ membership }: Member) => membership.contact_type === 0 && (membership.active || !onlyActive);
  return oapiOk({ count: platform.directory(app.corpId).members().filter(counts).length });
});

export const departmentMemberEndpoints = [list, listSimple, listId, count];
