import type { Context } from '@nocobase/actions';
import type { Model } from '@nocobase/database';
import type { DepartmentChoice } from '../../shared/directory';
import { Privileges } from '../accounts/privileges';
import type { Authenticator } from '../configuration/authenticators';
import { type Department, getDepartment, getScopes, listSubDepartments, ORGANIZATION } from '../dingtalk/address-book';
import { ask } from '../directory/read/ask';
import { HOST_SOURCES } from '../directory/source';
import { DEPARTMENTS } from '../directory/store/collections';
import type { Reader } from '../directory/read/calls';

/** How many departments one looks up where the app may see many single ones. */
const MAX_STARTS = 100;

/** One level of the tree: what is below a department, or where the scope of the app begins. */
export async function departmentsBelow(reader: Reader, parent: number | undefined): Promise<Department[]> {
  const below = (id: number) =>
    ask(reader, 'department/listsub', (token, signal) => listSubDepartments(token, id, signal));
  if (parent !== undefined) {
    return below(parent);
  }
  const { departmentIds } = await ask(reader, 'auth/scopes', getScopes);
  if (departmentIds.includes(ORGANIZATION)) {
    return below(ORGANIZATION);
  }
  const starts = departmentIds.slice(0, MAX_STARTS);
  return Promise.all(
    starts.map((id) => ask(reader, 'department/get', (token, signal) => getDepartment(token, id, signal))),
  );
}

/** As the form shows them. */
export async function toChoices(
  ctx: Context,
  { name, protectedRoles }: Authenticator,
  departments: Department[],
): Promise<DepartmentChoice[]> {
  const ids = departments.map(({ id }) => id);
  const privileged = await privilegedDepartments(ctx, protectedRoles, ids);
  return departments.map((department) => ({
    id: department.id,
    name: department.name,
    isPrivileged: privileged.some(({ id, authenticator }) => id === department.id && authenticator === name),
  }));
}

/** Which of DingTalk's departments carry a role in NocoBase that makes privileged, by any source. */
async function privilegedDepartments(
  { db }: Context,
  protectedRoles: string[],
  ids: number[],
): Promise<{ id: number; authenticator: string }[]> {
  if (!ids.length) {
    return [];
  }
  const rows: Model[] = await db.getModel(DEPARTMENTS).findAll({ where: { departmentId: ids } });
  const ofNocobase = rows.map((row) => String(row.get('nocobaseId')));
  const carrying = await new Privileges(db, protectedRoles).amongDepartments(ofNocobase);
  const sources: Model[] = await db.getModel(HOST_SOURCES).findAll();
  return rows
    .filter((row) => carrying.has(String(row.get('nocobaseId'))))
    .map((row) => ({
      id: Number(row.get('departmentId')),
      authenticator: String(
        sources.find((source) => String(source.get('id')) === String(row.get('sourceId')))?.get('options')
          ?.authenticator,
      ),
    }));
}
