import { Button } from 'antd';
import { sentenceOfCallback } from '../callback';
import { failureAlert } from '../feedback';
import type { ClientPlugin } from '../nocobase';
import { signInPage } from './sign-in';

/** Why a sign-in was not finished, and the way back. A bundle of its own, as most sign-ins succeed. */
export default (plugin: ClientPlugin) => (callback: URLSearchParams, error: unknown) => (
  <>
    {failureAlert(sentenceOfCallback(plugin, callback, error))}
    <Button block href={signInPage(plugin)}>
      {plugin.t('Back to sign-in')}
    </Button>
  </>
);
