import { type Database, literal, type Model, type ModelStatic, Op } from '@nocobase/database';

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

/** One of many values. Sequelize would copy and check each of a thousand, which takes longer than their statement. */
export const oneOf = ({ sequelize }: Pick<Database, 'sequelize'>, values: string[]): object => ({
  [Op.in]: values.length ? literal(`(${values.map((value) => sequelize.escape(value)).join()})`) : [],
});
