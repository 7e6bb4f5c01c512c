import type { ErrorCode, LossCode } from '../../shared/codes';
import type { SendAnswer } from './host';
import { type Say, sentenceOf } from './words';

/** What became of a message, for everybody whom it was for. */
export interface Outcome {
  /** How many it was for. */
  all: number;
  /** For how many DingTalk took it over: that is not yet delivered. */
  accepted: number;
  /** IDs of DingTalk's tasks. */
  tasks: string[];
  losses: Loss[];
  isShortened: boolean;
  /** How many links became plain text. */
  refusedLinks: number;
  /** Whether DingTalk will be asked for the result. */
  isAsked: boolean;
  /** How many got it, as the result says; absent before. */
  delivered?: number;
}

/** Why some did not get it, or may not have. */
export interface Loss {
  code: LossCode | ErrorCode;
  /** Names of users. */
  names: string[];
  /** Codes of DingTalk, which its support understands. */
  dingTalkCodes?: string[];
}

/** So many are named of each. */
const MAX_NAMES = 10;
const MAX_TASKS = 3;
const MAX_REASON = 4000;

/**
 * What the log of NocoBase's notifications says. A failure is a message that nobody got: whoever sends again after a
 * failure would send twice to those who did. In between it is a success that names the others.
 */
export function tell(outcome: Outcome, say: Say): Required<Pick<SendAnswer, 'status' | 'reason'>> {
  const { all, accepted, tasks, delivered, losses } = outcome;
  const isPending = losses.some(({ code }) => code === 'NOT_TOLD_YET');
  const isSuccess = delivered === undefined ? accepted > 0 : delivered > 0 || isPending;
  const task = `${tasks.slice(0, MAX_TASKS).join(', ')}${tasks.length > MAX_TASKS ? ', …' : ''}` || '–';
  const first =
    delivered === undefined
      ? say('MESSAGE_ACCEPTED', { number: accepted, all, task })
      : say('MESSAGE_DELIVERED', { number: delivered, all, task });
  const parts = [
    first,
    ...(outcome.isAsked && delivered === undefined && accepted ? [say('MESSAGE_RESULT_LATER')] : []),
    ...losses.map((loss) => lossIn(loss, say)),
    ...notesOf(outcome, say),
  ];
  return { status: isSuccess ? 'success' : 'failure', reason: parts.join('\n').slice(0, MAX_REASON) };
}

/** What is sent otherwise than it was written. */
export const notesOf = ({ isShortened, refusedLinks }: Pick<Outcome, 'isShortened' | 'refusedLinks'>, say: Say) => [
  ...(isShortened ? [say('MESSAGE_SHORTENED')] : []),
  ...(refusedLinks ? [say('MESSAGE_LINKS_AS_TEXT', { number: refusedLinks })] : []),
];

function lossIn({ code, names, dingTalkCodes = [] }: Loss, say: Say): string {
  const more = names.length - MAX_NAMES;
  const named = [...names.slice(0, MAX_NAMES), ...(more > 0 ? [say('MESSAGE_LOSS_MORE', { number: more })] : [])];
  const why = [sentenceOf(say, code), ...dingTalkCodes.filter(Boolean).map((each) => `[${each}]`)].join(' ');
  return say('MESSAGE_LOSS', { number: names.length, names: named.join(', '), why });
}

/** One for each reason, in the order in which they came. */
export function gather(losses: { code: Loss['code']; name: string; dingTalkCode?: string }[]): Loss[] {
  const gathered = new Map<Loss['code'], Loss & { dingTalkCodes: string[] }>();
  for (const { code, name, dingTalkCode } of losses) {
    const one = gathered.get(code) ?? { code, names: [], dingTalkCodes: [] };
    one.names.push(name);
    if (dingTalkCode && !one.dingTalkCodes.includes(dingTalkCode)) {
      one.dingTalkCodes.push(dingTalkCode);
    }
    gathered.set(code, one);
  }
  return [...gathered.values()];
}
