import { Alert } from 'antd';
import { useState } from 'react';
import { FIELD_NAMES } from '../../shared/constants';
import type { EntryAction, Preview, TakenAway } from '../../shared/directory';
import type { ClientPlugin, Translate } from '../nocobase';
import { Entries, EntryFilter, Red, Summary } from './Entries';
import { fieldWords, takenAwayWords } from './words';

/** What a run would do. */
export function PreviewOfAll({ plugin, preview }: { plugin: ClientPlugin; preview: Preview }) {
  const t: Translate = (key, values) => plugin.t(key, values);
  const [action, setAction] = useState<EntryAction>();
  const { counts, takenAway, wouldStop, entries, total } = preview;
  const shown = entries.filter((entry) => !action || entry.action === action);
  return (
    <section aria-label={t('What a run would do')} style={{ marginTop: 12 }}>
      <Summary t={t} counts={counts} />
      <TakenAwayLine plugin={plugin} takenAway={takenAway} />
      {wouldStop && (
        <Alert
          showIcon
          type="warning"
          message={t('The brake would stop this run before its first write.')}
          style={{ margin: '8px 0' }}
        />
      )}
      {entries.length > 0 && <EntryFilter t={t} counts={counts} value={action} onChange={setAction} />}
      {entries.length > 0 && <Entries t={t} entries={shown} />}
      {total > entries.length && (
        <div>{t('The first {{shown}} of {{total}} lines.', { shown: entries.length, total })}</div>
      )}
    </section>
  );
}

/** How much goes, in red. */
export function TakenAwayLine({ plugin, takenAway }: { plugin: ClientPlugin; takenAway: TakenAway }) {
  const t: Translate = (key, values) => plugin.t(key, values);
  const parts = takenAwayWords(t, takenAway);
  return parts.length ? (
    <div>
      <Red>
        {t('Taken away:')} {parts.join(' · ')}
      </Red>
    </div>
  ) : null;
}

/** What a run would do with one member, and what DingTalk tells of the member. */
export function PreviewOfMember({ t, preview }: { t: Translate; preview: Preview }) {
  const { member } = preview;
  if (!member) {
    return (
      <Alert
        type="info"
        showIcon
        message={t('Nobody in DingTalk, as far as the app may see, has this name or userid.')}
        style={{ marginTop: 12 }}
      />
    );
  }
  const words = fieldWords(t);
  const known = FIELD_NAMES.filter((name) => member.known.includes(name)).map((name) => words[name]);
  return (
    <section aria-label={t('What a run would do')} style={{ marginTop: 12, overflowWrap: 'anywhere' }}>
      {member.entry ? <Entries t={t} entries={[member.entry]} /> : <div>{t('Nothing would change.')}</div>}
      <div>
        {t('DingTalk tells:')} {known.join(' · ') || t('nothing')}
      </div>
      <div>
        {t('Departments in DingTalk:')} <bdi>{member.departments.join(' · ') || t('none')}</bdi>
      </div>
    </section>
  );
}
