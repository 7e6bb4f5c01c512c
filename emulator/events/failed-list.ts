import { requireOapiAppPlainly } from '../authentication/access';
import { type Endpoint, OAPI_CONTENT_TYPE } from '../http/endpoint';

const MOST = 200;

/** The list has other names for the fields of an event. */
const idsOf = ({ userId, deptId }: Record<string, unknown>) => (userId ? { userid: userId } : { deptid: deptId });

/** Document: the failed events of pushes by HTTP. Whatever it lists, it does not list again. */
const failedList: Endpoint = {
  name: 'get_call_back_failed_result',
  method: 'get',
  path: '/call_back/get_call_back_failed_result',
  contentType: OAPI_CONTENT_TYPE,
  answer(ctx, platform) {
    const { clientId } = requireOapiAppPlainly(ctx, platform, 'qyapi_base');
    const { events, hasMore } = platform.failedPushes.take(clientId, MOST);
    return {
      errcode: 0,
      errmsg: 'ok',
      has_more: hasMore,
      failed_list: events.map(({ type, corpId, bornAt, data }) => ({
        [type]: { ...idsOf(data), corpid: corpId },
        call_back_tag: type,
        event_time: bornAt,
      })),
    };
  },
};

export const failedListEndpoints = [failedList];
