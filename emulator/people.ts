import type { Account } from './company';
import type { Emulator } from './index';

let born = 0;

/** A new account, employee of the first corporation, with a Chinese phone number that nobody else has. */
export function addPerson({ company }: Emulator, values: Partial<Account> = {}): Account & { mobile: string } {
  const number = String(++born).padStart(8, '0');
  const mobile = `138${number}`;
  const person = {
    id: `person-${number}`,
    unionId: `UnionId${number}`,
    openId: `OpenId${number}`,
    nick: `Person ${number}`,
    mobile,
    stateCode: '86',
    memberships: [
      {
        corpId: company.corps[0].corpId,
        userid: `userid-${number}`,
        name: `Person ${number}`,
        // The number that the person signs in to DingTalk with, as a rule.
        ...('mobile' in values ? { mobile: values.mobile } : { mobile }),
        state_code: values.stateCode ?? '86',
        active: true,
        contact_type: 0 as const,
        left: false,
        admin: false,
      },
    ],
    ...values,
  };
  company.accounts.push(person);
  return person;
}
