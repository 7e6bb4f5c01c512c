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

/** The role of a new user. */
export interface RoleOfNewUsers {
  /** The chosen one; undefined for NocoBase's default role. */
  role?: string;
  /** Why the chosen one is not given. */
  refused?: 'unknown' | 'privileged';
}

/** The collections that decide who can do what, and that are under the general rules unless they have their own. */
const GOVERNING = ['users', 'roles', 'departments'];

/** Whoever changes rows of these decides who can do what, or can take over a user by its password or phone number. */
const POWER = /^(users|roles|rolesUsers|departments|departmentsUsers|departmentsRoles)(\.|$)/;

/** Actions that change nothing. */
const HARMLESS = new Set(['view', 'list', 'get', 'query', 'export', 'exportAttachments']);

/** Actions that "own records" limits. A new record has no owner before: NocoBase allows the creation of any. */
const LIMITED_BY_OWN = new Set(['update', 'destroy']);

/**
 * Whether a role makes its users privileged, see docs/identity.md. What is unclear counts as privileged: such a user
 * links the account, which is no more than one more step.
 *
 * @param existing those of the governing collections that there are: the plugin that has departments may be off
 */
export function isPrivilegedRole(
  { name, snippets, allowConfigure, general, collections }: RoleRights,
  existing = GOVERNING,
): boolean {
  // A collection with rules of its own is not under the general ones.
  const hasGeneral =
    existing.some((collection) => !collections.some((ruled) => ruled.name === collection)) &&
    general.some((action) => {
      const [actionName, scope] = action.split(':');
      return hasPower(actionName, scope === 'own');
    });
  const hasSpecial = collections.some(
    (collection) =>
      POWER.test(collection.name) && collection.actions.some((action) => hasPower(action.name, action.isOwnOnly)),
  );
  return name === 'root' || hasSettings(snippets) || allowConfigure || hasGeneral || hasSpecial;
}

function hasPower(action: string, isOwnOnly: boolean): boolean {
  return !HARMLESS.has(action) && !(isOwnOnly && LIMITED_BY_OWN.has(action));
}

/**
 * Whether any snippet is left. NocoBase matches each with the names that plugins registered, and lets a negated one win:
 * `!pm.*` takes `pm.users` away as well, while `!pm.users` leaves the rest of `pm.*`, and `!pm` leaves all of it.
 */
function hasSettings(snippets: string[]): boolean {
  const negated = snippets.filter((snippet) => snippet.startsWith('!')).map((snippet) => snippet.slice(1));
  const isTakenAway = (snippet: string) =>
    negated.some(
      (one) =>
        one === snippet ||
        // A star does not reach past a slash.
        (/^\w+\.\*$/.test(one) && snippet.startsWith(one.slice(0, -1)) && !snippet.includes('/')),
    );
  return snippets.some((snippet) => !snippet.startsWith('!') && !isTakenAway(snippet));
}

/**
 * Who is privileged in NocoBase, read from the database, as another node may have changed a role. An instance reads the
 * roles once: it is for one decision, or for those of one transaction.
 */
export class Privileges {
  private privileged?: Promise<Set<string>>;

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

  /** Everybody who is privileged: for a comparison of all users, as `among` is for some. */
  async everybody(): Promise<Set<string>> {
    const roles = [...(await this.roles())];
    const own = await this.find('rolesUsers', { roleName: roles });
    const ofDepartments = await this.find('departmentsRoles', { roleName: roles });
    const departmentIds = [...new Set(ofDepartments.map((row) => String(row.get('departmentId'))))];
    const memberships = departmentIds.length
      ? await this.find('departmentsUsers', { departmentId: departmentIds })
      : [];
    return new Set([...own, ...memberships].map((row) => String(row.get('userId'))));
  }

  /** Of these departments of NocoBase, the IDs of those that make their members privileged. */
  async amongDepartments(departmentIds: string[]): Promise<Set<string>> {
    const privileged = departmentIds.length ? await this.roles() : new Set();
    const held = privileged.size ? await this.find('departmentsRoles', { departmentId: departmentIds }) : [];
    return new Set(
      held.filter((row) => privileged.has(String(row.get('roleName')))).map((row) => String(row.get('departmentId'))),
    );
  }

  /** Whether users with NocoBase's default role, which every new user gets, are privileged. */
  async isDefaultRolePrivileged(): Promise<boolean> {
    const privileged = await this.roles();
    const defaults = await this.find('roles', { default: true });
    return defaults.some((role) => privileged.has(String(role.get('name'))));
  }

  /**
   * The role that new users get: the one that an administrator chose, and NocoBase's default role where that one is gone,
   * or makes its users privileged by now. `isPrivileged`: whether every new user would be privileged all the same.
   */
  async ofNewUsers(chosen: string | undefined): Promise<RoleOfNewUsers & { isPrivileged: boolean }> {
    const found = chosen === undefined ? [] : await this.find('roles', { name: chosen });
    // By the exact name: the collations of MySQL find `admin` for `Admin`, which is no privileged role's name.
    if (chosen !== undefined && found.some((role) => role.get('name') === chosen)) {
      if (!(await this.roles()).has(chosen)) {
        return { role: chosen, isPrivileged: false };
      }
      return { refused: 'privileged', isPrivileged: await this.isDefaultRolePrivileged() };
    }
    return { ...(chosen !== undefined && { refused: 'unknown' }), isPrivileged: await this.isDefaultRolePrivileged() };
  }

  /** The names of the privileged roles. */
  roles(): Promise<Set<string>> {
    this.privileged ??= this.readRoles();
    return this.privileged;
  }

  private async readRoles(): Promise<Set<string>> {
    const existing = GOVERNING.filter((collection) => this.db.hasCollection(collection));
    const privileged = (await this.rights()).filter((rights) => isPrivilegedRole(rights, existing));
    return new Set([...this.protectedRoles, ...privileged.map(({ name }) => name)]);
  }

  private async rights(): Promise<RoleRights[]> {
    const roles = await this.find('roles');
    const strategies = await this.find('dataSourcesRoles', { dataSourceKey: 'main' });
    const resources = await this.find('dataSourcesRolesResources', { dataSourceKey: 'main' });
    // NocoBase follows the rules of a collection unless that is switched off; where nothing is said it does.
    const ruled = resources.filter(
      (resource) => resource.get('usingActionsConfig') !== false && POWER.test(String(resource.get('name'))),
    );
    const actions = ruled.length
      ? await this.find('dataSourcesRolesResourcesActions', { rolesResourceId: ruled.map((row) => row.get('id')) })
      : [];
    const own = actions.length ? await this.find('dataSourcesRolesResourcesScopes', { key: 'own' }) : [];
    const ownScopes = new Set(own.filter(isOwnScope).map((scope) => String(scope.get('id'))));
    return roles.map((role) => {
      const name = String(role.get('name'));
      // NocoBase keeps a copy of it at the role, which counts for nothing once there is this row.
      const saved = strategies.find((row) => row.get('roleName') === name);
      const strategy = saved ? saved.get('strategy') : role.get('strategy');
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

/** Whether a scope is "own records" as NocoBase made it: an administrator may have changed what it means. */
function isOwnScope(scope: Model): boolean {
  const conditions = Object.entries(scope.get('scope') ?? {});
  return conditions.length === 1 && String(conditions[0]) === 'createdById,{{ ctx.state.currentUser.id }}';
}

/** NocoBase also takes one action as a text, and `*` for all of them. */
const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value : value ? [value] : []).map(String);
