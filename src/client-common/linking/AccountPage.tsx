import { Alert, Card, List, Typography } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { ACCOUNT_PATH } from '../../shared/constants';
import type { Link, PendingLink } from '../../shared/contract';
import { type Failure, failureOf } from '../failure';
import { FailureNote } from '../FailureNote';
import type { ClientPlugin } from '../nocobase';
import { AccountRow } from './AccountRow';
import { AskDialog } from '../AskDialog';
import {
  beginLink,
  confirmPending,
  declinePending,
  forgetFailure,
  readFailure,
  readLinks,
  readPending,
  unlink,
} from './links';
import { PendingDialog } from './PendingDialog';

type Message = { type: 'success' | 'info'; text: string } | { type: 'error'; failure: Failure };

/** What the page says about the link that failed, if it comes from there. */
function messageOf(failure: Failure | null): Message | undefined {
  return failure ? { type: 'error', failure } : undefined;
}

/** Where a user sees which DingTalk account is linked, is asked about one that waits, links one, and unlinks it. */
export default (plugin: ClientPlugin) => {
  const { app } = plugin;
  const t = (key: string) => plugin.t(key);

  return function AccountPage() {
    const [links, setLinks] = useState<Link[]>();
    const [leaving, setLeaving] = useState<string>();
    const [asked, setAsked] = useState<Link>();
    const [pending, setPending] = useState<PendingLink>();
    const [message, setMessage] = useState(() => messageOf(readFailure()));

    const attempt = useCallback(async (work: () => Promise<void>) => {
      try {
        await work();
      } catch (error) {
        setLeaving(undefined);
        setMessage({ type: 'error', failure: failureOf(error, plugin, 'LINK_FAILED') });
      }
    }, []);
    const read = useCallback(() => attempt(async () => setLinks(await readLinks(app))), [attempt]);

    useEffect(() => {
      read();
      attempt(async () => setPending((await readPending(app)) ?? undefined));
      // Back from DingTalk, browsers show this page as it was left, and the button would stay busy for ever.
      const stay = () => setLeaving(undefined);
      window.addEventListener('pageshow', stay);
      // The failure is kept while the page is open, as NocoBase may mount the page again, and is not told twice.
      window.addEventListener('pagehide', forgetFailure);
      return () => {
        window.removeEventListener('pageshow', stay);
        window.removeEventListener('pagehide', forgetFailure);
        if (!location.pathname.endsWith(ACCOUNT_PATH)) {
          forgetFailure();
        }
      };
    }, [read, attempt]);

    const leave = ({ name }: Link) => {
      setLeaving(name);
      setMessage(undefined);
      attempt(() => beginLink(app, name));
    };

    const unlinkAsked = ({ name }: Link) =>
      attempt(async () => {
        await unlink(app, name);
        setMessage({ type: 'success', text: t('The DingTalk account is no longer linked.') });
        await read();
      });

    const confirmAsked = async (waiting: PendingLink) => {
      await attempt(async () => {
        await confirmPending(app, waiting);
        setMessage({ type: 'success', text: t('Your DingTalk account is linked.') });
        await read();
      });
      setPending(undefined);
    };

    const declineAsked = async (waiting: PendingLink) => {
      await attempt(async () => {
        await declinePending(app, waiting);
        setMessage({ type: 'info', text: t('The DingTalk account was not linked.') });
      });
      setPending(undefined);
    };

    return (
      <div style={{ maxWidth: 640, margin: '0 auto', padding: 24 }}>
        <Typography.Title level={1} style={{ fontSize: 20, marginTop: 0 }}>
          {t('DingTalk account')}
        </Typography.Title>
        <Typography.Paragraph>{t('With a linked DingTalk account you can sign in here.')}</Typography.Paragraph>
        <div aria-live="polite">
          {message && message.type !== 'error' && (
            <Alert showIcon type={message.type} role="status" message={message.text} style={{ marginBottom: 16 }} />
          )}
        </div>
        {message?.type === 'error' && <FailureNote showIcon plugin={plugin} failure={message.failure} />}
        {(links || message?.type !== 'error') && (
          <Card styles={{ body: { padding: '0 24px' } }}>
            <List
              dataSource={links}
              loading={!links}
              rowKey="name"
              // In the color that NocoBase's theme gives this text, it is too pale to read.
              locale={{
                emptyText: <Typography.Text>{links && t('There is no DingTalk to sign in with.')}</Typography.Text>,
              }}
              renderItem={(link) => (
                <AccountRow t={t} link={link} leaving={leaving === link.name} onLink={leave} onUnlink={setAsked} />
              )}
            />
          </Card>
        )}
        <AskDialog
          danger
          t={t}
          asked={asked}
          title={t('Unlink this DingTalk account?')}
          action={t('Unlink')}
          onAgree={unlinkAsked}
          onClose={() => setAsked(undefined)}
        >
          {t('You can then no longer sign in with it, until you link it again here.')}
        </AskDialog>
        <PendingDialog
          t={t}
          pending={pending}
          onLink={confirmAsked}
          onDecline={declineAsked}
          onClose={() => setPending(undefined)}
        />
      </div>
    );
  };
};
