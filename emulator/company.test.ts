import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { type CompanyInput, parseCompany, startEmulator } from './index';
import file from './company.json';

const company = parseCompany(file);

test('the phone numbers of the company are valid in their countries', () => {
  const countries = company.accounts.map(({ mobile, stateCode }) => {
    if (!mobile) return undefined;
    const phone = parsePhoneNumberFromString(`+${stateCode}${mobile}`);
    expect([mobile, phone?.isValid(), phone?.nationalNumber]).toEqual([mobile, true, mobile]);
    return phone?.country;
  });
  for (const country of ['CN', 'HK', 'MO', 'TW', 'SG', 'US', 'DE', undefined]) expect(countries).toContain(country);
});

test('the company has an outsider and an external contact', () => {
  const home = company.apps[0].corpId;
  const at = (id: string) => company.accounts.find((each) => each.id === id)?.memberships;
  expect(at('zhao-min')?.some(({ corpId }) => corpId === home)).toBe(false);
  expect(at('sun-li')).toMatchObject([{ corpId: home, contact_type: 1 }]);
});

test('every wrong place is named', () => {
  const [first] = company.accounts;
  const wrong = {
    ...company,
    accounts: [first, { ...first, unionId: 'other', mobile: '+86 138' }],
    faults: [{ endpoint: 'nowhere', fault: 'hang' }],
    setings: {},
  };
  const message = (input: unknown) => {
    try {
      parseCompany(input);
    } catch (error) {
      return String(error);
    }
    return 'valid';
  };
  expect(message(wrong)).toMatch(/accounts\.1\.mobile: must be digits only[^]*faults\.0\.endpoint: [^]*setings/);
  expect(message({ ...company, accounts: [first, first] })).toContain('two accounts have the id "zhang-wei"');
  expect(message({ ...company, corps: company.corps.slice(1) })).toContain(
    `no corp has the corpId "${company.corps[0].corpId}"`,
  );
});

test('a taken port is an error, and an own company is what reset and load say', async () => {
  const emulator = await startEmulator();
  const port = Number(new URL(emulator.url).port);
  await expect(startEmulator({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  expect(emulator.url).toBe(`http://127.0.0.1:${port}`);

  emulator.load({ ...(company as CompanyInput), accounts: [] });
  emulator.company.settings.consent = 'never';
  emulator.reset();
  expect(emulator.company.accounts).toEqual([]);
  expect(emulator.company.settings.consent).toBe('always');
  await emulator.close();
});
