import { tableWrittenBy, Tally } from './tally';

test.each([
  ['Executing (default): INSERT INTO "users" ("id","phone") VALUES (DEFAULT,$1) RETURNING *;', 'users'],
  ['Executing (0f2c-11): UPDATE `departmentsUsers` SET `isOwner`=? WHERE `userId` = ?', 'departmentsUsers'],
  ['Executing (default): DELETE FROM "public"."usersAuthenticators" WHERE "userId" = 7', 'usersAuthenticators'],
  ['INSERT IGNORE INTO `dingtalkSources` (`sourceId`) VALUES (1)', 'dingtalkSources'],
  ['Executing (default): SELECT "id" FROM "users" FOR UPDATE', undefined],
  ['Executing (default): START TRANSACTION;', undefined],
])('%s', (statement, table) => {
  expect(tableWrittenBy(statement)).toBe(table);
});

it('writes are counted for the tables that are watched, and begin anew', () => {
  const tally = new Tally();
  ['SELECT 1', 'UPDATE "users" SET x = 1', 'UPDATE "dingtalkRuns" SET x = 1'].forEach((each) => tally.add(each));
  const none = { users: 0, departments: 0, departmentsUsers: 0, usersAuthenticators: 0 };
  expect(tally.take()).toEqual({ statements: 3, writes: { ...none, users: 1 } });
  expect(tally.take()).toEqual({ statements: 0, writes: none });
});
