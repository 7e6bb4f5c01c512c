import type { Json } from '../http/errors';
import type { FaultRule } from '../platform/data';
import type { Channel, EndpointName } from '../platform/names';
import type { Platform } from '../platform/platform';

/** What no server calls by a request of its own. */
const notMeantByAll: (EndpointName | Channel)[] = ['auth', 'requestAuthCode', 'connect', 'stream', 'push'];

/**
 * The first rule that fits strikes, and is removed once it struck as often as `times` says. `*` stands for every
 * endpoint that a server calls.
 */
export function takeRule(
  { data }: Platform,
  endpoint: EndpointName | Channel,
  parameters: Json,
): FaultRule | undefined {
  const isMeant = ({ where = {} }: FaultRule) =>
    Object.entries(where).every(([name, value]) => String(parameters[name]) === String(value));
  const fits = (rule: FaultRule) =>
    (rule.endpoint === endpoint || (rule.endpoint === '*' && !notMeantByAll.includes(endpoint))) && isMeant(rule);
  // A rule that spares this request leaves it to the rules behind it.
  const strikes = (rule: FaultRule) => fits(rule) && !(rule.after && rule.after-- > 0);
  const rule = data.faults.find(strikes);
  if (rule?.times !== undefined && --rule.times <= 0) {
    data.faults.splice(data.faults.indexOf(rule), 1);
  }
  return rule;
}
