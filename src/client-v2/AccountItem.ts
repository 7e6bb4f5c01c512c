import { UserCenterActionItemModel } from '@nocobase/client-v2';
import type { ClientPlugin } from '../client-common/nocobase';
import { ACCOUNT_PATH } from '../shared/constants';

/** The entry in the user's own menu, after NocoBase's "Change password". */
export default (plugin: ClientPlugin) =>
  class AccountItem extends UserCenterActionItemModel {
    static override itemId = 'dingtalk-account';
    override section = 'profile' as const;
    override sort = 120;
    override label = plugin.t('DingTalk account');

    override async onClick() {
      await this.context.app.router.navigate(ACCOUNT_PATH);
    }
  };
