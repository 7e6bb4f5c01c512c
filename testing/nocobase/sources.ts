import { setTimeout } from 'node:timers/promises';
import type { Model } from '@nocobase/database';
import type { SourceOptions } from '../../src/shared/directory';
import { paceOf } from '../../src/server/directory/read/reader';
import { CLIENT_ID, type NocoBase } from './nocobase';
import type { Answer, Session } from './session';

/** The permissions that an app needs to read the directory, by DingTalk's names. */
export const DIRECTORY_PERMISSIONS = ['qyapi_get_department_list', 'qyapi_get_department_member', 'qyapi_get_member'];

export interface Task {
  id: number;
  status: string;
  message: string | null;
}

/** Sources of users, as an administrator manages them in NocoBase. */
export class Sources {
  constructor(
    private readonly nocobase: NocoBase,
    private readonly administrator: Session,
  ) {
    // A test waits for no pace: the emulator does not mind.
    paceOf(CLIENT_ID).setRate(Infinity);
  }

  /** What a page of NocoBase sends. */
  async send<T = object>(action: string, json: unknown = {}, session = this.administrator): Promise<Answer<T>> {
    const headers = { authorization: `Bearer ${session.token}` };
    const response = await session.browser.fetch(`/api/${action}`, { json, headers });
    const body = await response.json().catch(() => ({}));
    return { status: response.status, ...body.errors?.[0], data: body.data };
  }

  save(
    name: string,
    options: SourceOptions,
    more: object = {},
  ): Promise<Answer<{ id: number; options: SourceOptions }>> {
    const values = { name, sourceType: 'dingtalk', enabled: true, options, ...more };
    return this.send('userDataSyncSources:create', values);
  }

  /** @returns the ID of a new source */
  async add(name: string, options: SourceOptions): Promise<string> {
    const { data, message } = await this.save(name, options);
    if (!data) {
      throw new Error(message);
    }
    return String(data.id);
  }

  /** Presses Sync. */
  pull(name: string): Promise<Answer> {
    return this.send(`userData:pull?name=${name}`);
  }

  async tasks(source: string): Promise<Task[]> {
    const rows: Model[] = await this.nocobase.db
      .getModel('userDataSyncTasks')
      .findAll({ where: { sourceId: source }, order: [['id', 'DESC']] });
    return rows.map((row) => row.get() as Task);
  }

  /** Presses Sync, and waits until the task has ended. */
  async run(name: string, source: string, seconds?: number): Promise<Task> {
    const answer = await this.pull(name);
    if (answer.status !== 200) {
      throw new Error(answer.message);
    }
    return this.ended(source, seconds);
  }

  /** The latest task, when it has ended. */
  async ended(source: string, seconds = 20): Promise<Task> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const [task] = await this.tasks(source);
      if (task && !['init', 'processing'].includes(task.status)) {
        return task;
      }
      if (Date.now() > deadline) {
        throw new Error(`the task is still ${task?.status}: ${task?.message}`);
      }
      await setTimeout(20);
    }
  }
}
