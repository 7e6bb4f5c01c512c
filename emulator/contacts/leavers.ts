import { requireApp, requireAppPermission } from '../authentication/access';
import { API_CONTENT_TYPE, type Endpoint, queryOf } from '../http/endpoint';
import { errors } from '../http/errors';
import type { Member } from '../platform/directory';

const MAX_RESULTS = 50;

const timeOf = (text: string | null): number => (text === null ? NaN : Date.parse(text));
const leftAt = ({ membership }: Member): number => timeOf(membership.left_at ?? null);

/** Document: query-the-details-of-employees-who-have-left-office. Leavers without a time of leaving are not in it. */
const leaveRecords: Endpoint = {
  name: 'empLeaveRecords',
  method: 'get',
  path: '/v1.0/contact/empLeaveRecords',
  contentType: API_CONTENT_TYPE,
  answer(ctx, platform) {
    const app = requireApp(ctx, platform);
    requireAppPermission(platform, app, 'Contact.Common.Read');
    const query = queryOf(ctx);
    const start = timeOf(query.get('startTime'));
    const end = query.has('endTime') ? timeOf(query.get('endTime')) : platform.now();
    const [token, size] = [query.get('nextToken') ?? '0', Number(query.get('maxResults') ?? MAX_RESULTS)];
    const isPage = /^\d+$/.test(token) && Number.isInteger(size) && size > 0 && size <= MAX_RESULTS;
    if (Number.isNaN(start) || Number.isNaN(end) || !isPage) {
      throw errors.badLeaveRecords();
    }

    const left = platform
      .directory(app.corpId)
      .leavers()
      .filter((each) => leftAt(each) >= start && leftAt(each) <= end)
      .sort((a, b) => leftAt(a) - leftAt(b));
    const next = Number(token) + size;
    const showsMobile = app.kind === 'internal' && app.permissions.includes('fieldMobile');
    return {
      ...(next < left.length && { nextToken: String(next) }),
      records: left.slice(Number(token), next).map(({ membership }) => ({
        userId: membership.userid,
        name: membership.name,
        ...(showsMobile && { stateCode: membership.state_code, mobile: membership.mobile }),
        leaveTime: membership.left_at,
        leaveReason: membership.leave_reason ?? 'unknown',
      })),
    };
  },
};

export const leaverEndpoints = [leaveRecords];
