/** NocoBase's own writer of directories, through which the sources of other plugins go. */
import type { Application } from '@nocobase/server';
import type { EmulatorData } from '../../emulator';

interface HostRecord {
  uid: string;
  [field: string]: unknown;
}

export interface HostRecords {
  departments: HostRecord[];
  users: HostRecord[];
}

const ROOT = 1;
const BATCH = 200;

/** What a source would hand over: parents before their children. */
export function hostRecordsOf({ accounts, departments }: EmulatorData): HostRecords {
  return {
    departments: departments.map(({ dept_id, name, parent_id }) => ({
      uid: String(dept_id),
      title: name,
      ...(parent_id !== ROOT && { parentUid: String(parent_id) }),
    })),
    users: accounts.flatMap(({ memberships: [membership], mobile }, index) => ({
      uid: membership.userid,
      username: membership.userid,
      nickname: membership.name,
      // Two members of the company share one number, which NocoBase's writer cannot write.
      ...(mobile && index < accounts.length - 1 && { phone: mobile }),
      departments: (membership.dept_id_list ?? []).filter((id) => id !== ROOT).map((id) => ({ uid: String(id) })),
    })),
  };
}

interface HostWriter {
  updateOrCreate(data: {
    sourceName: string;
    dataType: string;
    records: HostRecord[];
  }): Promise<{ detail: { count: { failed: number } } }[]>;
}

/** Hands over all records of one type. @throws where one of them is not written */
export async function writeByHost(app: Application, dataType: 'user' | 'department', records: HostRecord[]) {
  const { resourceManager } = app.pm.get('user-data-sync') as unknown as { resourceManager: HostWriter };
  for (let begin = 0; begin < records.length; begin += BATCH) {
    const batch = records.slice(begin, begin + BATCH);
    const results = await resourceManager.updateOrCreate({
      sourceName: 'bench',
      dataType,
      records: batch,
    });
    const failed = results.reduce((sum, { detail }) => sum + detail.count.failed, 0);
    if (failed) {
      throw new Error(`NocoBase's own writer failed at ${failed} records: ${JSON.stringify(results).slice(0, 500)}`);
    }
  }
}
