import type { DingTalkFirst } from '../../shared/contract';
import { Choices, type Field } from '../field';

/** What the sign-in page makes of the button. */
export function DingTalkFirstField({ plugin, id, value, onChange }: Field<DingTalkFirst>) {
  const t = (key: string) => plugin.t(key);
  const choices: [DingTalkFirst, string, string][] = [
    ['no', t('With the other ways'), t('The button stands below the sign-in form.')],
    ['button', t('DingTalk first'), t('The button stands alone. A link shows the other ways to sign in.')],
    [
      'atOnce',
      t('DingTalk at once'),
      t(
        'The sign-in page opens DingTalk without a click, but not after a refusal, a sign-out or the end of a session. The address /signin?method=password always shows the sign-in form.',
      ),
    ],
  ];
  return <Choices id={id} label={t('Sign-in page')} value={value ?? 'no'} onChange={onChange} choices={choices} />;
}
