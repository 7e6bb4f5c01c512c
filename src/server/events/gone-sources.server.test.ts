import { Scene } from '../../../testing/directory/scene';
import { describeOnSqliteAnd } from '../../../testing/nocobase/databases';
import { SOURCE_TYPE } from '../../shared/constants';
import { HOST_SOURCES } from '../directory/source';
import { MEMBERS, RUNS, SOURCES } from '../directory/store/collections';
import { forgetGoneSources } from '../directory/store/gone-sources';
import { EVENT_SOURCES } from './collections';
import { forgetGoneEvents, setEventSource } from './event-source';

const TABLES = [SOURCES, RUNS, MEMBERS, EVENT_SOURCES];

describeOnSqliteAnd('mysql')('a source that is deleted while a run reads', (dialect) => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.start({ dialect, company: { people: 3, departments: 1 } });
  }, 120_000);

  afterAll(() => scene?.stop());

  /** Which tables have rows of a source. */
  async function tablesWith(sourceId: string): Promise<string[]> {
    const { db } = scene.nocobase;
    const counts = await Promise.all(TABLES.map((table) => db.getModel(table).count({ where: { sourceId } })));
    return TABLES.filter((_, index) => counts[index] > 0);
  }

  it('leaves rows behind, which are found later; those of others stay', async () => {
    const { app, db } = scene.nocobase;
    await scene.run();
    const values = { name: 'other', sourceType: SOURCE_TYPE, enabled: false, options: {} };
    const other = String((await db.getModel(HOST_SOURCES).create(values)).get('id'));
    await setEventSource(app, other, {});
    const before = await tablesWith(other);
    scene.dingtalk.onCall('v2/user/list', 1, async () => {
      await db.getRepository(HOST_SOURCES).destroy({ filterByTk: scene.source });
    });
    await scene.sources.pull('main');
    await scene.sources.ended(scene.source).catch(() => undefined);
    // As a note of an event that came a moment before.
    await setEventSource(app, scene.source, {});
    expect(await tablesWith(scene.source)).toEqual(expect.arrayContaining([SOURCES, EVENT_SOURCES]));
    await forgetGoneSources(app);
    await forgetGoneEvents(app);
    expect(await tablesWith(scene.source)).toEqual([]);
    expect(await tablesWith(other)).toEqual(before);
  });

  it('where the plugin for synchronization is off, nothing is forgotten', async () => {
    const { app, db } = scene.nocobase;
    await setEventSource(app, '999', {});
    const hasCollection = jest.spyOn(db, 'hasCollection').mockReturnValue(false);
    await forgetGoneEvents(app);
    hasCollection.mockRestore();
    expect(await tablesWith('999')).toEqual([EVENT_SOURCES]);
    await forgetGoneEvents(app);
    expect(await tablesWith('999')).toEqual([]);
  });
});
