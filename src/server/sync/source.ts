import type { Model } from '@nocobase/database';
import type { SyncSource, UserData } from '@nocobase/plugin-user-data-sync';
import type { Trigger } from '../../shared/directory';
import { toCoded } from '../directory/failures';
import { tellOutcome } from '../directory/notices';
import type { Progress } from '../directory/prepare';
import { runDirectory, type RunResult } from '../directory/run';
import { isDirectoryOff, loadSource, type Source } from '../directory/source';
import { claimSource, readSourceRow, requireSameDirectory, unclaimSource } from '../directory/store/source-row';
import { CodedError } from '../http/coded-error';
import { describe, refuse } from '../http/report';
import { requireBase, type SourceClass } from './host';
import { sentenceOf, summaryOf, toProgress } from './messages';
import type { ActiveRuns } from './active-runs';
import { cut, endStaleTasks, TASKS } from './tasks';
import { atMostEvery } from './throttle';

/** The list of tasks shows no more than that of a run that is under way. */
const PROGRESS_MS = 1000;

/** A task ends with the same message for whoever waits for it: NocoBase is told the result in `pull`, and asks it later. */
type Ending = { success: boolean; message: string };

/** What a schedule tells and asks an object of the class, besides what NocoBase does. */
export interface DingTalkTask extends SyncSource {
  trigger: Trigger;
  /** Why the run failed; undefined where it did not. */
  failure?: CodedError;
}

/**
 * The class of sources of the type `dingtalk`. NocoBase makes an object for each task, and calls `newTask`, `beginTask`,
 * `pull` and `endTask` of it, or `retryTask`, `pull` and `endTask`.
 */
export function defineSource(runs: ActiveRuns): SourceClass {
  const Base = requireBase();

  return class DingTalkSource extends Base implements DingTalkTask {
    /** Who began it. */
    trigger: Trigger = 'manual';
    failure?: CodedError;
    private task?: Model;
    private ending?: Ending;

    /** Refuses where a run could not begin: there is no task of it then. */
    override async newTask(): Promise<Model> {
      return this.claim(async () => (await super.newTask()) as Model);
    }

    override async retryTask(taskId: number): Promise<Model> {
      this.trigger = 'retry';
      return this.claim(async () => (await super.retryTask(taskId)) as Model);
    }

    /** Does all of it, and hands NocoBase nothing: it would write into a log file whatever it is handed. */
    override async pull(): Promise<UserData[]> {
      try {
        const source = await this.requireRunnable();
        const { counts } = await runs.run((signal) => this.run(source, signal));
        this.ending = { success: true, message: summaryOf(this.ctx, counts) };
        return [];
      } catch (error) {
        const coded = toCoded(error);
        await unclaimSource(this.ctx.app, String(this.instance.get('id'))).catch(() => undefined);
        this.failure = coded;
        this.ending = { success: false, message: sentenceOf(this.ctx, coded.code, coded.values) };
        // NocoBase logs what is thrown, with its stack.
        throw new CodedError(coded.code);
      }
    }

    /** Never rejects: NocoBase does not wait for it, and the process would be told of an error that nobody handles. */
    override async endTask(params: {
      taskId: number;
      success: boolean;
      cost?: number;
      message?: string;
    }): Promise<void> {
      const { success, message } = this.ending ?? { success: false, message: sentenceOf(this.ctx, 'SYNC_FAILED') };
      try {
        await super.endTask({ ...params, success: params.success && success, message: cut(message) });
      } catch (error) {
        // Such a task stays "processing" until the next run of the source sets it to failed.
        this.ctx.app.logger.error('DingTalk directory', { outcome: 'SYNC_FAILED', reason: describe(error) });
      }
    }

    private async run(source: Source, signal: AbortSignal): Promise<RunResult> {
      const { app } = this.ctx;
      const taskId = this.task ? String(this.task.get('id')) : undefined;
      const by = this.ctx.state?.currentUser?.id;
      const show = atMostEvery(PROGRESS_MS, (progress: Progress) => this.show(toProgress(this.ctx, progress)));
      try {
        const result = await runDirectory(app, source, {
          trigger: this.trigger,
          ...(by !== undefined && { by: String(by) }),
          taskId,
          signal,
          progress: show.call,
          onBegin: async () => {
            await unclaimSource(app, source.id);
            await endStaleTasks(this.ctx, source.id, { but: taskId });
          },
        });
        await tellOutcome(app, source, { trigger: this.trigger });
        return result;
      } catch (error) {
        // The schedule tells of its own, when it has tried again.
        if (this.trigger !== 'schedule') {
          await tellOutcome(app, source, { trigger: this.trigger, failure: toCoded(error) });
        }
        throw error;
      } finally {
        // A message that is written later than the end of the task would stand in place of that.
        await show.end();
      }
    }

    private async show(message: string): Promise<void> {
      if (this.task) {
        const where = { id: this.task.get('id'), status: 'processing' };
        await this.ctx.db.getModel(TASKS).update({ message: cut(message) }, { where, hooks: false });
      }
    }

    /**
     * The source, where a run can begin now.
     *
     * @throws CodedError SYNC_OFF, OTHER_DIRECTORY, and as `loadSource`
     */
    private async requireRunnable(): Promise<Source> {
      if (isDirectoryOff()) {
        throw new CodedError('SYNC_OFF');
      }
      const { app, db } = this.ctx;
      const source = await loadSource(app, String(this.instance.get('id')));
      requireSameDirectory(source, await readSourceRow(db, source.id));
      return source;
    }

    /** Makes the task where a run can begin; else refuses the request. */
    private async claim(make: () => Promise<Model>): Promise<Model> {
      const { app } = this.ctx;
      try {
        const { id } = await this.requireRunnable();
        await claimSource(app, id);
        try {
          this.task = await make();
        } catch (error) {
          await unclaimSource(app, id);
          throw error;
        }
      } catch (error) {
        this.failure = toCoded(error);
        refuse(this.ctx, 'directory', error);
      }
      return this.task;
    }
  };
}
