import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { type EmulatorDataInput, parseData, startEmulator } from '../index';
import file from './data.json';

const data = parseData(file);

it('the phone numbers of the default data are valid in their countries', () => {
  const countries = data.accounts.map(({ mobile, stateCode }) => {
    if (!mobile) {
      return undefined;
    }
    const phone = parsePhoneNumberFromString(`+${stateCode}${mobile}`);
    expect([mobile, phone?.isValid(), phone?.nationalNumber]).toEqual([mobile, true, mobile]);
    return phone?.country;
  });
  for (const country of ['CN', 'HK', 'MO', 'TW', 'SG', 'US', 'DE', undefined]) {
    expect(countries).toContain(country);
  }
});

it('the default data have an account outside the first organization and an external contact', () => {
  const home = data.apps[0].corpId;
  const at = (id: string) => data.accounts.find((each) => each.id === id)?.memberships;
  expect(at('zhao-min')?.some(({ corpId }) => corpId === home)).toBe(false);
  expect(at('sun-li')).toMatchObject([{ corpId: home, contact_type: 1 }]);
});

it('every wrong place of the data is named', () => {
  const [first] = data.accounts;
  const wrong = {
    ...data,
    accounts: [first, { ...first, unionId: 'other', mobile: '+86 138' }],
    faults: [{ endpoint: 'nowhere', fault: 'hang' }],
    setings: {},
  };
  const message = (input: unknown) => {
    try {
      parseData(input);
    } catch (error) {
      return String(error);
    }
    return 'valid';
  };
  expect(message(wrong)).toMatch(/accounts\.1\.mobile: must be digits only[^]*faults\.0\.endpoint: [^]*setings/);
  expect(message({ ...data, accounts: [first, first] })).toContain('two accounts have the id "zhang-wei"');
  expect(message({ ...data, organizations: data.organizations.slice(1) })).toContain(
    `no organization has the corpId "${data.organizations[0].corpId}"`,
  );
});

it('a taken port is an error; reset comes back to the data that were loaded last', async () => {
  const emulator = await startEmulator();
  const port = Number(new URL(emulator.url).port);
  await expect(startEmulator({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  expect(emulator.url).toBe(`http://127.0.0.1:${port}`);

  emulator.load({ ...(data as EmulatorDataInput), accounts: [] });
  emulator.data.settings.consent = 'never';
  emulator.reset();
  expect(emulator.data.accounts).toEqual([]);
  expect(emulator.data.settings.consent).toBe('always');
  await emulator.close();
});
