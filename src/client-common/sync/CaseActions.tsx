import { Button, Flex } from 'antd';
import { type ReactNode, useState } from 'react';
import type { Entry } from '../../shared/directory';
import { AskDialog } from '../AskDialog';
import type { ClientPlugin, Translate } from '../nocobase';
import { callAction } from '../request';
import { type CaseAction, caseActionsOf, wasTakenAway } from './cases';
import { keyOf, nameOfEntry } from './Entries';
import { LinkUserDialog } from './LinkUserDialog';
import { useAttempt } from './use-attempt';

interface Props {
  plugin: ClientPlugin;
  source: number | string;
  /** The lines, each with the buttons that this gives. */
  children(renderAction: (entry: Entry) => ReactNode): ReactNode;
}

interface Asked {
  entry: Entry;
  action: CaseAction;
}

/** The buttons of a report's lines, and what is asked before one of them does something. */
export function CaseActions({ plugin, source, children }: Props) {
  const t: Translate = (key, values) => plugin.t(key, values);
  const [asked, setAsked] = useState<Asked>();
  // A report says what was: what was decided since stands here.
  const [settled, setSettled] = useState<ReadonlySet<string>>(new Set());
  const { failure, attempt } = useAttempt(plugin);
  const words = wordsOf(t);

  const settle = (entry: Entry, work: () => Promise<unknown>) =>
    attempt(async () => {
      await work();
      setSettled((known) => new Set(known).add(keyOf(entry)));
    });
  const decide = ({ entry, action }: Asked) => settle(entry, () => send(plugin, source, entry, action));

  const buttons = (entry: Entry): ReactNode => {
    const possible = caseActionsOf(entry);
    if (settled.has(keyOf(entry))) {
      return <span role="status">{t('Done')}</span>;
    }
    return possible.length > 0 ? (
      <Flex wrap gap="small">
        {possible.map((action) => (
          <Button
            key={action}
            aria-label={`${words[action].button}: ${nameOfEntry(t, entry)}`}
            onClick={() => setAsked({ entry, action })}
          >
            {words[action].button}
          </Button>
        ))}
      </Flex>
    ) : null;
  };

  const close = () => setAsked(undefined);
  const confirmed = asked && asked.action !== 'link' ? asked : undefined;
  const dialog = words[confirmed?.action ?? 'leaveOut'];
  return (
    <>
      {failure}
      {children(buttons)}
      <AskDialog
        t={t}
        asked={confirmed}
        danger={confirmed?.action === 'endWaysIn' || confirmed?.action === 'confirm'}
        title={dialog.title}
        action={dialog.button}
        onAgree={decide}
        onClose={close}
      >
        <p style={{ marginTop: 0, overflowWrap: 'anywhere' }}>
          <strong>
            <bdi>{asked && nameOfEntry(t, asked.entry)}</bdi>
          </strong>
        </p>
        {dialog.means}
      </AskDialog>
      {asked?.action === 'link' && (
        <LinkUserDialog
          plugin={plugin}
          name={nameOfEntry(t, asked.entry)}
          mayNeedAllowing={wasTakenAway(asked.entry.reason)}
          onLink={(user, allow) =>
            settle(asked.entry, () =>
              callAction(plugin.app, 'dingtalk:linkMember', { source, member: asked.entry.id, user, allow }),
            )
          }
          onClose={close}
        />
      )}
    </>
  );
}

function send({ app }: ClientPlugin, source: Props['source'], entry: Entry, action: CaseAction): Promise<unknown> {
  const body = { source, member: entry.id };
  switch (action) {
    case 'allow':
      return callAction(app, 'dingtalk:allowMember', body);
    case 'confirm':
      return callAction(app, 'dingtalk:confirmMembership', { ...body, department: entry.department as number });
    case 'endWaysIn':
      return callAction(app, 'dingtalk:endWaysIn', body);
    default:
      return callAction(app, 'dingtalk:leaveOut', { ...body, ...(action === 'takeBack' && { undo: true }) });
  }
}

const wordsOf = (t: Translate): Record<CaseAction, Record<'button' | 'title' | 'means', string>> => ({
  link: { button: t('Link to user…'), title: t('Link to which user?'), means: '' },
  leaveOut: {
    button: t('Leave out'),
    title: t('Leave this person out?'),
    means: t(
      'They are neither linked nor created, and no longer an open case. You can take that back in a later report.',
    ),
  },
  takeBack: {
    button: t('Take back'),
    title: t('No longer leave this person out?'),
    means: t('The next run decides about them as about everybody else.'),
  },
  allow: {
    button: t('Allow'),
    title: t('Let this person come back?'),
    means: t('Somebody took this link or this user away. The next run may link them again, or make a new user.'),
  },
  confirm: {
    button: t('Confirm membership'),
    title: t('Put this person into a department with a privileged role?'),
    means: t(
      'Whoever is in this department can administer NocoBase, or make others administrators. The next run puts this person into it.',
    ),
  },
  endWaysIn: {
    button: t('End ways in'),
    title: t('End every way in?'),
    means: t(
      'The password, other links, sessions and API keys of the user end now, and the phone number where one can sign in with it. The user, with roles and records, stays.',
    ),
  },
});
