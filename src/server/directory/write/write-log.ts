import { CodedError } from '../../http/coded-error';
import { describe } from '../../http/report';

type Outcome = 'WRITE_FAILED' | 'NOTICE_FAILED' | 'NODES_NOT_TOLD' | 'NEW_USERS_INCOMPLETE' | 'DEFAULT_ROLE_UNUSED';

/**
 * What went wrong in a run, a line for each kind of it: a fault that each of 10,000 members meets is told once, with their
 * number.
 */
export class WriteLog {
  private readonly kinds = new Map<string, { outcome: Outcome; reason?: string; count: number }>();

  add(outcome: Outcome, error: unknown): void {
    const reason = error instanceof CodedError ? (error.detail.reason ?? error.code) : describe(error);
    const kind = this.kinds.get(`${outcome} ${reason}`) ?? { outcome, reason, count: 0 };
    kind.count++;
    this.kinds.set(`${outcome} ${reason}`, kind);
  }

  write(logger: { warn(message: string, fields: object): unknown }, sourceId: string): void {
    for (const kind of this.kinds.values()) {
      logger.warn('DingTalk directory', { ...kind, source: sourceId });
    }
  }
}
