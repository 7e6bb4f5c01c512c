import { Alert, Typography } from 'antd';
import { type ReactNode, useEffect, useState } from 'react';
import { readCallback } from '../callback';
import { failureOfCallback, sentenceForAdministrators } from '../failure';
import { waiting } from '../feedback';
import { Findings } from '../Findings';
import type { ClientPlugin } from '../nocobase';
import { callAction, sentenceOf } from '../request';

/** Wider than the column of the sign-in page, on which there is room for a button alone, and as wide on a phone. */
const WIDTH = 'min(640px, 100vw - 32px)';

/** Of this page load, which has one plugin: however often the page is rendered, an authorization code works once. */
const results = new WeakMap<ClientPlugin, Promise<ReactNode>>();

/** The page on which a test of a sign-in ends. */
export default (plugin: ClientPlugin) =>
  function SignInTestResult() {
    const [result, setResult] = useState<ReactNode>();

    useEffect(() => {
      const read = results.get(plugin) ?? readResult(plugin);
      results.set(plugin, read);
      read.then(setResult);
    }, []);

    return (
      <section style={{ width: WIDTH, marginInline: `calc((100% - ${WIDTH}) / 2)` }}>
        <Typography.Title level={1} style={{ fontSize: 20, marginTop: 0 }}>
          {plugin.t('Test sign-in')}
        </Typography.Title>
        <div aria-live="polite" aria-busy={!result}>
          {result || waiting(plugin.t('Testing the sign-in…'))}
        </div>
        {result && (
          <Typography.Paragraph style={{ marginTop: 24 }}>
            {plugin.t('Nobody was signed in, and nothing was changed. You can close this tab.')}
          </Typography.Paragraph>
        )}
      </section>
    );
  };

async function readResult(plugin: ClientPlugin): Promise<ReactNode> {
  const callback = readCallback();
  const { flow } = callback;
  return (flow ? callAction(plugin.app, 'dingtalk:getTestResult', { flow }) : Promise.reject()).then(
    (findings) => <Findings findings={findings} t={(...words) => plugin.t(...words)} />,
    (error) => {
      // The server says itself what its administrator does; of a code in the address, this page does.
      const sentence = error
        ? sentenceOf(error, plugin, 'CHECK_FAILED')
        : sentenceForAdministrators(failureOfCallback(plugin, callback, error), plugin);
      return <Alert type="error" message={sentence} />;
    },
  );
}
