import vm from 'node:vm';
import type { Model } from '@nocobase/database';
import type { NocoBase } from './nocobase';

/** What a NocoBase needs that sends in-app messages. */
export const IN_APP_PLUGINS = ['notification-manager', 'notification-in-app-message'];

interface Manager {
  send(params: object): Promise<{ status: string }>;
}

/** Objects as NocoBase's own code makes them: it compiles no template in one of the realm of a test. */
const ofNocoBase: (json: string) => object = vm.runInThisContext('JSON.parse');

/** In-app messages of a NocoBase: with a channel, and with templates that are compiled. */
export class InApp {
  private constructor(private readonly nocobase: NocoBase) {}

  static async setUp(nocobase: NocoBase): Promise<InApp> {
    const manager = nocobase.app.pm.get('notification-manager') as unknown as Manager;
    const send = manager.send.bind(manager);
    manager.send = (params) => send(ofNocoBase(JSON.stringify(params)));
    await nocobase.db
      .getRepository('notificationChannels')
      .create({ values: { name: 'in-app', title: 'In-app', notificationType: 'in-app-message' } });
    return new InApp(nocobase);
  }

  /** Of all that were sent to anybody, in their order. */
  async titles(): Promise<string[]> {
    const messages: Model[] = await this.model().findAll({ order: ['receiveTimestamp', 'id'] });
    return messages.map((message) => String(message.get('title')));
  }

  async clear(): Promise<void> {
    await this.model().destroy({ where: {} });
  }

  private model() {
    return this.nocobase.db.getModel('notificationInAppMessages');
  }
}
