import { BaseAuth, type AuthConfig } from '@nocobase/auth';
import type { Application } from '@nocobase/server';

/** What NocoBase itself costs: a sign-in that finds its user by ID and asks nobody. */
class FloorAuth extends BaseAuth {
  constructor(config: AuthConfig) {
    super({ ...config, userCollection: config.ctx.db.getCollection('users') });
  }

  override validate() {
    return this.userRepository.findOne({ filterByTk: this.ctx.action.params.values.userId });
  }
}

export function registerFloor(app: Application) {
  app.authManager.registerTypes('floor', { auth: FloorAuth, title: 'Floor' });
}
