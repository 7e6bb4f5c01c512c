import { Alert, Card, List, Typography } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { ACCOUNT_PATH } from '../../shared/constants';
import type { Link } from '../../shared/contract';
import type { ClientPlugin } from '../nocobase';
import { sentenceOf } from '../request';
import { AccountRow } from './AccountRow';
import { beginLink, forgetOutcome, type LinkOutcome, readLinks, readOutcome, unlink } from './links';
import { UnlinkDialog } from './UnlinkDialog';

interface Message {
  type: 'success' | 'error';
  text: string;
}

/** What the page says about the link that was just made, if it comes from there. */
function messageOf(outcome: LinkOutcome | undefined, t: (key: string) => string): Message | undefined {
  if (!outcome) {
    return undefined;
  }
  return outcome.failure
    ? { type: 'error', text: outcome.failure }
    : { type: 'success', text: t('Your DingTalk account is linked.') };
}

/** Where a user sees which DingTalk account is linked, links one, and unlinks it. */
export default (plugin: ClientPlugin) => {
  const { app } = plugin;
  const t = (key: string) => plugin.t(key);

  return function AccountPage() {
    const [links, setLinks] = useState<Link[]>();
    const [leaving, setLeaving] = useState<string>();
    const [asked, setAsked] = useState<Link>();
    const [message, setMessage] = useState(() => messageOf(readOutcome(), t));

    const attempt = useCallback(async (work: () => Promise<void>) => {
      try {
        await work();
      } catch (error) {
        setLeaving(undefined);
        setMessage({ type: 'error', text: sentenceOf(error, plugin, 'LINK_FAILED') });
      }
    }, []);
    const read = useCallback(() => attempt(async () => setLinks(await readLinks(app))), [attempt]);

    useEffect(() => {
      read();
      // Back from DingTalk, browsers show this page as it was left, and the button would stay busy for ever.
      const stay = () => setLeaving(undefined);
      window.addEventListener('pageshow', stay);
      // The outcome is kept while the page is open, as NocoBase may mount the page again, and is not told twice.
      window.addEventListener('pagehide', forgetOutcome);
      return () => {
        window.removeEventListener('pageshow', stay);
        window.removeEventListener('pagehide', forgetOutcome);
        if (!location.pathname.endsWith(ACCOUNT_PATH)) {
          forgetOutcome();
        }
      };
    }, [read]);

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

    return (
      <div style={{ maxWidth: 640, margin: '0 auto', padding: 24 }}>
        <Typography.Title level={1} style={{ fontSize: 20, marginTop: 0 }}>
          {t('DingTalk account')}
        </Typography.Title>
        <Typography.Paragraph>{t('With a linked DingTalk account you can sign in here.')}</Typography.Paragraph>
        <div aria-live="polite">
          {message && (
            <Alert
              showIcon
              type={message.type}
              role={message.type === 'error' ? 'alert' : 'status'}
              message={message.text}
              style={{ marginBottom: 16 }}
            />
          )}
        </div>
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
        <UnlinkDialog
          t={t}
          asked={asked}
          title={t('Unlink this DingTalk account?')}
          onUnlink={unlinkAsked}
          onClose={() => setAsked(undefined)}
        />
      </div>
    );
  };
};
