import { HUGE_BODY, hugeBody } from './streams';

test('hugeBody is as long as it says', async () => {
  let length = 0;
  for await (const chunk of hugeBody()) length += (chunk as Buffer).length;
  expect(length).toBe(HUGE_BODY);
});
