import { Alert, Button } from 'antd';
import { useState } from 'react';
import { copyText } from './CopyField';
import { type Failure, linesOf } from './failure';
import type { ClientPlugin } from './nocobase';

interface Props {
  plugin: Pick<ClientPlugin, 't'>;
  failure: Failure;
  showIcon?: boolean;
}

/** Why something failed: a sentence for the person and, folded, all that an administrator wants to know. */
export function FailureNote({ plugin, failure, showIcon }: Props) {
  const [copied, setCopied] = useState('');
  const lines = linesOf(failure, plugin);
  const copy = async () => {
    const isCopied = await copyText([failure.sentence, ...lines].join('\n'));
    setCopied(plugin.t(isCopied ? 'Copied' : 'Could not copy. Please select the text and copy it yourself.'));
  };
  return (
    <Alert
      type="error"
      showIcon={showIcon}
      style={{ margin: '8px 0', overflowWrap: 'anywhere' }}
      // The sentence alone is read out at once, not that there is something to unfold.
      role={undefined}
      message={
        <>
          <div role="alert">{failure.sentence}</div>
          <details style={{ marginTop: 8 }}>
            <summary style={{ cursor: 'pointer' }}>{plugin.t('For your administrator')}</summary>
            {lines.map((line) => (
              <div key={line} style={{ marginTop: 4 }}>
                {line}
              </div>
            ))}
            <Button size="small" style={{ margin: '8px 8px 0 0' }} onClick={copy}>
              {plugin.t('Copy')}
            </Button>
            <span role="status">{copied}</span>
          </details>
        </>
      }
    />
  );
}
