import { CheckCircleFilled, CloseCircleFilled, ExclamationCircleFilled, InfoCircleFilled } from '@ant-design/icons';
import { theme } from 'antd';
import type { Outcome } from '../shared/codes';
import type { Finding } from '../shared/contract';
import type { Translate } from './nocobase';

/** The color that NocoBase's theme gives links is too pale to read on white. */
export const LINK = { color: 'inherit', textDecoration: 'underline' };

type Line = Pick<Finding, 'outcome' | 'message' | 'page'>;

/** What is to be done first stands first. */
const ORDER: Outcome[] = ['error', 'warning', 'info', 'ok'];

/** How much there is to do, and to know. Without plurals, of which languages have up to six. */
function summaryOf(findings: Line[], t: Translate): string {
  const count = (...outcomes: Outcome[]) => findings.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const [toDo, toKnow] = [count('error', 'warning'), count('info')];
  return [
    toDo ? t('To do: {{number}}', { number: toDo }) : t('Nothing to do'),
    ...(toKnow ? [t('To know: {{number}}', { number: toKnow })] : []),
  ].join(' · ');
}

/** What a check found, with signs that have names. */
export function Findings({ findings, t }: { findings: Line[]; t: Translate }) {
  const { token } = theme.useToken();
  const signs = {
    ok: <CheckCircleFilled aria-label={t('In order')} style={{ color: token.colorSuccess }} />,
    info: <InfoCircleFilled aria-label={t('Note')} style={{ color: token.colorInfo }} />,
    warning: <ExclamationCircleFilled aria-label={t('Warning')} style={{ color: token.colorWarning }} />,
    error: <CloseCircleFilled aria-label={t('Error')} style={{ color: token.colorError }} />,
  };
  const sorted = ORDER.flatMap((wanted) => findings.filter(({ outcome }) => outcome === wanted));
  return (
    <>
      {/* A single line says it all. */}
      {findings.length > 1 && <div style={{ marginTop: 12, fontWeight: 600 }}>{summaryOf(findings, t)}</div>}
      <ul aria-label={t('What the check found')} style={{ listStyle: 'none', margin: '12px 0 0', padding: 0 }}>
        {sorted.map(({ outcome, message, page }) => (
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
    </>
  );
}
