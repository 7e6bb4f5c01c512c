/** Tables of NocoBase that an unchanged run leaves alone: workflows and lists would notice each write. */
export const WATCHED = ['users', 'departments', 'departmentsUsers', 'usersAuthenticators'] as const;

export type Watched = (typeof WATCHED)[number];

/** Counts SQL statements, as Sequelize logs them: all, and those that write to the tables that are watched. */
export class Tally {
  statements = 0;
  writes = noWrites();

  add(statement: string): void {
    this.statements += 1;
    const table = tableWrittenBy(statement);
    const watched = WATCHED.find((name) => name === table);
    if (watched) {
      this.writes[watched] += 1;
    }
  }

  /** What was counted since the last time. */
  take(): { statements: number; writes: Record<Watched, number> } {
    const { statements, writes } = this;
    this.statements = 0;
    this.writes = noWrites();
    return { statements, writes };
  }
}

const noWrites = () => Object.fromEntries(WATCHED.map((name) => [name, 0])) as Record<Watched, number>;

/** Databases quote names differently, and PostgreSQL may name the schema as well. */
const WRITE =
  /^(?:Executing \([^)]*\): )?(?:INSERT (?:OR \w+ |IGNORE )?INTO|UPDATE|DELETE FROM) ((?:["`]?\w+["`]?\.)?["`]?\w+["`]?)/i;

export function tableWrittenBy(statement: string): string | undefined {
  const [, name] = WRITE.exec(statement) ?? [];
  return name?.split('.').at(-1)?.replace(/["`]/g, '');
}
