import type { Database, Model, Transaction } from '@nocobase/database';

/** A role, and what it allows in NocoBase's main data source, as plain data. */
export interface RoleRights {
  name: string;
  /** Of the settings: `pm`, `pm.*`, `pm.users`, `ui.*`, `app`; `!` before one takes it away. */
  snippets: string[];
  /** Whether the role may configure collections and pages. */
  allowConfigure: boolean;
  /** What it may do in every collection without rules of its own: `update`, `update:own`. */
  general: string[];
  /** What it may do in the collections that have rules of their own. */
  collections: { name: string; actions: { name: string; isOwnOnly: boolean }[] }[];
}

/** Whoever changes rows of these decides who can do what, or can take over a user by its password or phone number. */
const POWER = /^(users|roles|rolesUsers|departments|departmentsUsers|departmentsRoles)(\.|$)/;

/** Actions that change nothing. */
const HARMLESS = new Set(['view', 'list', 'get', 'query', 'export', 'exportAttachments']);

/** Whether a role makes its users privileged, see docs/identity.md. */
export function isPrivilegedRole({ name, snippets, allowConfigure, general, collections }: RoleRights): boolean {
  const hasSettings = snippets.some(
    (snippet) => /^(pm|pm\..*|ui\.\*|app)$/.test(snippet) && !isNegated(snippet, snippets),
  );
  // A collection with rules of its own is not under the general ones.
  const ruled = new Set(collections.map((collection) => collection.name));
  const hasGeneral =
    ['users', 'roles', 'departments'].some((collection) => !ruled.has(collection)) &&
    general.some((action) => !HARMLESS.has(action) && !action.endsWith(':own'));
  const hasSpecial = collections.some(
    (collection) =>
      POWER.test(collection.name) &&
      collection.actions.some((action) => !HARMLESS.has(action.name) && !action.isOwnOnly),
  );
  return name === 'root' || hasSettings || allowConfigure || hasGeneral || hasSpecial;
}

/** `!pm.*` takes `pm.users` away as well; NocoBase lets a negated snippet win. */
function isNegated(snippet: string, snippets: string[]): boolean {
  return snippets.includes(`!${snippet}`) || (/^pm\./.test(snippet) && snippets.includes('!pm.*'));
}

/** Who is privileged in NocoBase, read from the database, as another node may have changed a role. */
export class Privileges {
  constructor(
    private readonly db: Database,
    /** Names of roles that count as privileged whatever they allow. */
    private readonly protectedRoles: string[] = [],
    private readonly transaction?: Transaction,
  ) {}

  /** Of these users, the IDs of those who are privileged. */
  async among(userIds: string[]): Promise<Set<string>> {
    const privileged = userIds.length ? await this.roles() : new Set();
    const held = privileged.size ? await this.rolesOf(userIds) : [];
    return new Set(held.filter(({ role }) => privileged.has(role)).map(({ userId }) => userId));
  }

  /** Whether users with NocoBase's default role, which every new user gets, are privileged. */
  async isDefaultRolePrivileged(): Promise<boolean> {
    const privileged = await this.roles();
    const defaults = await this.find('roles', { default: true });
    return defaults.some((role) => privileged.has(String(role.get('name'))));
  }

  /** The names of the privileged roles. */
  async roles(): Promise<Set<string>> {
    const rights = await this.rights();
    return new Set([...this.protectedRoles, ...rights.filter(isPrivilegedRole).map(({ name }) => name)]);
  }

  private async rights(): Promise<RoleRights[]> {
    const roles = await this.find('roles');
    const strategies = await this.find('dataSourcesRoles', { dataSourceKey: 'main' });
    const resources = await this.find('dataSourcesRolesResources', { dataSourceKey: 'main', usingActionsConfig: true });
    const ruled = resources.filter((resource) => POWER.test(String(resource.get('name'))));
    const actions = ruled.length
      ? await this.find('dataSourcesRolesResourcesActions', { rolesResourceId: ruled.map((row) => row.get('id')) })
      : [];
    const own = actions.length ? await this.find('dataSourcesRolesResourcesScopes', { key: 'own' }) : [];
    const ownScopes = new Set(own.map((scope) => String(scope.get('id'))));
    return roles.map((role) => {
      const name = String(role.get('name'));
      const strategy = strategies.find((row) => row.get('roleName') === name)?.get('strategy');
      return {
        name,
        snippets: textsOf(role.get('snippets')),
        allowConfigure: Boolean(role.get('allowConfigure')) || Boolean(strategy?.allowConfigure),
        general: textsOf(strategy?.actions),
        collections: ruled
          .filter((resource) => resource.get('roleName') === name)
          .map((resource) => ({
            name: String(resource.get('name')),
            actions: actions
              .filter((action) => String(action.get('rolesResourceId')) === String(resource.get('id')))
              .map((action) => ({
                name: String(action.get('name')),
                isOwnOnly: ownScopes.has(String(action.get('scopeId'))),
              })),
          })),
      };
    });
  }

  /** The roles that users have of their own and by their departments. A department gives none of its parents' roles. */
  private async rolesOf(userIds: string[]): Promise<{ userId: string; role: string }[]> {
    const own = await this.find('rolesUsers', { userId: userIds });
    const memberships = await this.find('departmentsUsers', { userId: userIds });
    const departmentIds = [...new Set(memberships.map((row) => String(row.get('departmentId'))))];
    const ofDepartments = departmentIds.length
      ? await this.find('departmentsRoles', { departmentId: departmentIds })
      : [];
    const byDepartment = memberships.flatMap((membership) =>
      ofDepartments
        .filter((row) => String(row.get('departmentId')) === String(membership.get('departmentId')))
        .map((row) => ({ userId: String(membership.get('userId')), role: String(row.get('roleName')) })),
    );
    return [
      ...own.map((row) => ({ userId: String(row.get('userId')), role: String(row.get('roleName')) })),
      ...byDepartment,
    ];
  }

  /** Rows of a collection of NocoBase; none where the plugin that has it is off. */
  private async find(collection: string, where: object = {}): Promise<Model[]> {
    return this.db.hasCollection(collection)
      ? this.db.getModel(collection).findAll({ where: { ...where }, transaction: this.transaction })
      : [];
  }
}

const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
