import { Alert, Card, List, Typography } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { ACCOUNT_PATH } from '../../shared/constants';
import type { Link } from '../../shared/contract';
import { AccountRow } from './AccountRow';
import { takeOutcome } from './link-outcome';
import { beginLink, readLinks, unlink } from './links';
import type { ClientPlugin } from '../nocobase';
import { sentenceOf } from '../sign-in/sign-in';
import { UnlinkDialog } from './UnlinkDialog';

interface Message {
  type: 'success' | 'error';
  text: string;
}

// As on the callback page: React may render more than once. It is told until the user leaves.
let outcome = takeOutcome();

/** Where a user sees which DingTalk account is linked, links one, and unlinks it. */
export default (plugin: ClientPlugin) => {
  const { app } = plugin;
  const t = (key: string) => plugin.t(key);

  return function AccountPage() {
    const [links, setLinks] = useState<Link[]>();
    const [leaving, setLeaving] = useState<string>();
    const [asked, setAsked] = useState<Link>();
    const [message, setMessage] = useState<Message | undefined>(
      outcome &&
        (outcome.failure
          ? { type: 'error', text: outcome.failure }
          : { type: 'success', text: t('Your DingTalk account is linked.') }),
    );

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
      // Whoever comes back from DingTalk may get this page as it was left.
      const stay = () => setLeaving(undefined);
      window.addEventListener('pageshow', stay);
      return () => {
        window.removeEventListener('pageshow', stay);
        if (!location.pathname.endsWith(ACCOUNT_PATH)) {
          outcome = undefined;
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
              // NocoBase's colour for this text is too pale to read.
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
