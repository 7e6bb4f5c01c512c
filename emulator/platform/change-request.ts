import { z } from 'zod';
import type { Platform } from './platform';

const text = z.string().trim().min(1);
const corpId = z.string().optional();
/** A form sends it as a text. */
const department = z.coerce.number().int().positive();

const changeRequest = z.discriminatedUnion('change', [
  z.strictObject({ change: z.literal('join'), corpId, name: text.optional(), department: department.optional() }),
  z.strictObject({ change: z.literal('leave'), corpId, userid: text }),
  z.strictObject({ change: z.literal('move'), corpId, userid: text, department }),
  z.strictObject({ change: z.literal('rename'), corpId, department, name: text }),
]);

/** What an administrator does in the address book, by a form or from another process. Fields that are empty are absent. */
export function applyChange(platform: Platform, input: object): void {
  const request = changeRequest.parse(Object.fromEntries(Object.entries(input).filter(([, value]) => value !== '')));
  const { changes } = platform;
  const corp = request.corpId ?? platform.data.organizations[0].corpId;
  const accountOf = (userid: string) => {
    const found = platform.directory(corp).member(userid);
    if (!found) {
      throw new Error(`No member has the userid "${userid}"`);
    }
    return found.account;
  };
  switch (request.change) {
    case 'join': {
      const { name, department: into } = request;
      platform.addMember({ corpId: corp, ...(name && { name }), ...(into && { dept_id_list: [into] }) });
      break;
    }
    case 'leave':
      changes.leave(accountOf(request.userid), 'leave', corp);
      break;
    case 'move':
      changes.changeMember(accountOf(request.userid), { dept_id_list: [request.department] }, corp);
      break;
    case 'rename':
      changes.changeDepartment(request.department, { name: request.name }, corp);
  }
}
