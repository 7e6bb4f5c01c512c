import { Button } from 'antd';
import { ACCOUNT_PATH } from '../../shared/constants';
import { basePath } from '../addresses';
import type { ClientPlugin } from '../nocobase';

/**
 * The way on for an account that belongs to no user yet: NocoBase's own sign-in page, with any method and its second
 * factor, and then the account page, which asks about the account that waits. The same for whoever comes here: else
 * the page would tell which user has the phone number.
 */
export function SignInAnotherWay({ plugin }: { plugin: ClientPlugin }) {
  // Without the base of the client, as v1 wants it; the sign-in page of v2 adds the base itself.
  const page = `${basePath(plugin.app)}/signin?method=password&redirect=${encodeURIComponent(ACCOUNT_PATH)}`;
  return (
    <Button block type="primary" href={page}>
      {plugin.t('Sign in another way')}
    </Button>
  );
}
