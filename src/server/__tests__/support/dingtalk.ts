import { type Account, type Emulator, startEmulator } from '../../../../emulator';

let born = 0;

/** The emulator, with people who are born as a test needs them. */
export async function startDingTalk() {
  const emulator: Emulator = await startEmulator();
  process.env.DINGTALK_LOGIN_URL = emulator.url;
  process.env.DINGTALK_API_URL = emulator.url;
  process.env.DINGTALK_OAPI_URL = emulator.url;
  return Object.assign(emulator, {
    corpId: emulator.company.corps[0].corpId,

    /** A new account, member of the first corporation, with a Chinese phone number that nobody else has. */
    addPerson(values: Partial<Account> = {}): Account {
      const number = String(++born).padStart(8, '0');
      const account: Account = {
        id: `person-${number}`,
        unionId: `UnionId${number}`,
        openId: `OpenId${number}`,
        nick: `Person ${number}`,
        mobile: `138${number}`,
        stateCode: '86',
        memberships: [
          {
            corpId: emulator.company.corps[0].corpId,
            userid: `userid-${number}`,
            name: `Person ${number}`,
            active: true,
            contact_type: 0,
            left: false,
            admin: false,
          },
        ],
        ...values,
      };
      emulator.company.accounts.push(account);
      return account;
    },
  });
}

export type DingTalk = Awaited<ReturnType<typeof startDingTalk>>;
