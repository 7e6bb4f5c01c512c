import { apiError, DAY, Harness } from '../harness';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.emulator.reset());
afterAll(() => harness.emulator.close());

const records = async (query: Record<string, string>) =>
  harness.withToken(`/v1.0/contact/empLeaveRecords?${new URLSearchParams(query)}`, await harness.appToken());
const since = { startTime: '2025-12-31T00:00:00Z', nextToken: '0', maxResults: '50' };

it('who left is in the records, in order and with the reason, page after page', async () => {
  harness.emulator.leave('ben');
  harness.pass(DAY);
  harness.emulator.leave('ada', 'delete');
  const ben = { userId: 'ben-a', name: 'Ben A', stateCode: '852', mobile: '61234567', leaveReason: 'leave' };
  expect((await records(since)).body).toEqual({
    records: [
      { ...ben, leaveTime: '2026-01-01T00:00:00.000Z' },
      expect.objectContaining({ userId: 'ada-a', leaveTime: '2026-01-02T00:00:00.000Z', leaveReason: 'delete' }),
    ],
  });
  const first = (await records({ ...since, maxResults: '1' })).body;
  expect(first).toMatchObject({ nextToken: '1', records: [{ userId: 'ben-a' }] });
  const second = (await records({ ...since, maxResults: '1', nextToken: '1' })).body;
  expect(second).toMatchObject({ records: [{ userId: 'ada-a' }] });
  expect(second).not.toHaveProperty('nextToken');
  expect((await records({ ...since, endTime: '2026-01-01T12:00:00Z' })).body.records).toHaveLength(1);
  harness.app.permissions = ['Contact.Common.Read'];
  expect((await records(since)).body.records).not.toContainEqual(expect.objectContaining({ mobile: '61234567' }));
});

it('refuses what is no time or no page, and an app without the permission', async () => {
  const wrong = apiError(400, 'invalidParameter.param.invalid', '参数不合法');
  for (const [name, value] of Object.entries({
    startTime: 'yesterday',
    endTime: 'x',
    maxResults: '51',
    nextToken: 'D',
  })) {
    expect(await records({ ...since, [name]: value })).toEqual(wrong);
  }
  harness.app.permissions = [];
  expect(await records(since)).toMatchObject({
    status: 403,
    body: { accessdenieddetail: { requiredScopes: ['Contact.Common.Read'] } },
  });
});
