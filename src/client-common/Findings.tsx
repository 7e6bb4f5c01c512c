import { CheckCircleFilled, CloseCircleFilled, ExclamationCircleFilled, InfoCircleFilled } from '@ant-design/icons';
import { theme } from 'antd';
import type { Finding } from '../shared/contract';

/** The color that NocoBase's theme gives links is too pale to read on white. */
export const LINK = { color: 'inherit', textDecoration: 'underline' };

/** What a check found, with signs that have names. */
export function Findings({
  findings,
  t,
}: {
  findings: Pick<Finding, 'outcome' | 'message' | 'page'>[];
  t: (key: string) => string;
}) {
  const { token } = theme.useToken();
  const signs = {
    ok: <CheckCircleFilled aria-label={t('In order')} style={{ color: token.colorSuccess }} />,
    info: <InfoCircleFilled aria-label={t('Note')} style={{ color: token.colorInfo }} />,
    warning: <ExclamationCircleFilled aria-label={t('Warning')} style={{ color: token.colorWarning }} />,
    error: <CloseCircleFilled aria-label={t('Error')} style={{ color: token.colorError }} />,
  };
  return (
    <ul aria-label={t('What the check found')} style={{ listStyle: 'none', margin: '12px 0 0', padding: 0 }}>
      {findings.map(({ outcome, message, page }) => (
        <li key={message} style={{ display: 'flex', alignItems: 'baseline', gap: 8, marginTop: 8 }}>
          <span>{signs[outcome]}</span>
          <span style={{ overflowWrap: 'anywhere' }}>
            {message}{' '}
            {page && (
              <a href={page} target="_blank" rel="noopener noreferrer" style={LINK}>
                {t('DingTalk developer console')}
              </a>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
