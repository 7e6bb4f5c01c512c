import { caseCodes, type CaseCode } from '../../shared/codes';
import { caseActionsOf } from './cases';

const member = { kind: 'member', action: 'open' } as const;

it.each<[CaseCode, string[]]>([
  ['PHONE_SHARED', ['link', 'leaveOut']],
  ['USER_PRIVILEGED', ['link', 'leaveOut']],
  ['NOT_CREATED', ['link', 'leaveOut']],
  ['UNLINKED_BEFORE', ['link', 'leaveOut', 'allow']],
  ['DELETED_BEFORE', ['link', 'leaveOut', 'allow']],
  ['USERID_REUSED', ['leaveOut']],
  ['SEVERAL_BOUND', ['leaveOut']],
  ['LEFT_OUT', ['takeBack']],
  ['LAST_ADMINISTRATOR', []],
  ['BLOCKED', []],
  ['NO_UNION_ID', []],
  ['WRITE_FAILED', []],
])('%s has the buttons %j', (reason, buttons) => {
  expect(caseActionsOf({ ...member, reason })).toEqual(buttons);
});

it('has a button for each open case, but for that which other settings settle', () => {
  const open = (Object.keys(caseCodes) as CaseCode[]).filter((reason) => caseCodes[reason] === 'open');
  const without = open.filter((reason) => !caseActionsOf({ ...member, reason, department: 1 }).length);
  expect(without).toEqual(['LAST_ADMINISTRATOR']);
});

it('never binds a member where it is not certain who it is, or where somebody blocked it', () => {
  const bindable = (Object.keys(caseCodes) as CaseCode[]).filter((reason) =>
    caseActionsOf({ ...member, reason, department: 1 }).includes('link'),
  );
  expect(bindable).not.toEqual(expect.arrayContaining(['USERID_REUSED']));
  expect(bindable).not.toEqual(expect.arrayContaining(['SEVERAL_BOUND']));
  expect(bindable).not.toEqual(expect.arrayContaining(['BLOCKED']));
});

it('confirms a department only where the line names it', () => {
  expect(caseActionsOf({ ...member, reason: 'DEPARTMENT_PRIVILEGED', department: 7 })).toEqual(['confirm']);
  expect(caseActionsOf({ ...member, reason: 'DEPARTMENT_PRIVILEGED' })).toEqual([]);
});

it('ends ways in only of who still has some', () => {
  expect(caseActionsOf({ kind: 'member', action: 'detached', waysIn: ['Password'] })).toEqual(['endWaysIn']);
  expect(caseActionsOf({ kind: 'member', action: 'detached', waysIn: [] })).toEqual([]);
  expect(caseActionsOf({ kind: 'member', action: 'deleted', waysIn: ['Password'] })).toEqual([]);
});

it('has no button for a department', () => {
  expect(caseActionsOf({ kind: 'department', action: 'open', reason: 'PHONE_SHARED' })).toEqual([]);
});
