import type { Model, ModelStatic } from '@nocobase/database';

/** Sequelize declares none. */
interface QueryGenerator {
  selectQuery(table: unknown, options: object, model: unknown): string;
}

/**
 * A statement that selects one column, to stand within another statement as a literal.
 *
 * @param whereOf gets the names of the columns by those of the attributes: here Sequelize replaces none of them
 */
export function subselect(
  model: ModelStatic<Model>,
  attribute: string,
  whereOf: (column: (attribute: string) => string) => object,
): string {
  const column = (name: string) => model.rawAttributes[name].field ?? name;
  const { queryGenerator } = model.sequelize?.getQueryInterface() as unknown as { queryGenerator: QueryGenerator };
  const options = { attributes: [column(attribute)], where: whereOf(column) };
  return queryGenerator.selectQuery(model.getTableName(), options, model).replace(/;$/, '');
}
