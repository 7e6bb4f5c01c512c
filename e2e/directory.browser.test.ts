import { packPlugin } from '../dev/pack';
import { until } from '../dev/until';
import { generateCompany, type Account } from '../emulator';
import { clients } from '../testing/browser/clients';
import { becomeAdministrator } from '../testing/browser/settings-page';
import { removeSources, runSource, saveSource, SourcesPage } from '../testing/browser/sources-page';
import { press } from '../testing/browser/stillness';
import { templateWith, WITH_HOSTS } from '../testing/browser/templates';
import { Visitor } from '../testing/browser/visitor';
import { shareWorld, visits } from '../testing/browser/visits';
import { addAuthenticator, startWorld } from '../testing/browser/world';
import { inTurn } from '../testing/nightly';

const TITLE = 'Harbour Tech';
const SOURCE = 'company';
/** Of the generated company: one right below the root. */
const DEPARTMENT = 1001;
/** More than the brake lets go. */
const LEAVERS = 10;
/** Within which NocoBase follows a change. */
const IN_TIME_SECONDS = 10;

const world = shareWorld(async () => {
  const plugin = await packPlugin();
  return startWorld('directory', plugin, { template: await templateWith(plugin, WITH_HOSTS) });
});

beforeEach(async () => {
  world().emulator.load(generateCompany({ people: 60, departments: 6 }));
  await removeSources(world());
  // Those whom the run in the other client made.
  await world().api(`users:destroy?filter=${encodeURIComponent(JSON.stringify({ id: { $ne: 1 } }))}`, {});
});

/** The accounts of a department and of all below it. */
function membersBelow(department: number): Account[] {
  const { accounts, departments } = world().emulator.data;
  const below = [department];
  for (const id of below) {
    below.push(...departments.filter(({ parent_id }) => parent_id === id).map(({ dept_id }) => dept_id));
  }
  return accounts.filter(({ memberships: [membership] = [] }) =>
    membership?.dept_id_list?.some((id) => below.includes(id)),
  );
}

/** Presses NocoBase's own button, and waits until the run has ended. */
const synchronize = (sources: SourcesPage) => runSource(world(), SOURCE, () => sources.action(SOURCE, 'Sync').click());

describe.each(clients)('$client', (client) => {
  const { inV1 } = inTurn(client, visits(world, client));

  inV1('an administrator synchronizes a company, settles an open case, and lets many leave', async (visitor) => {
    const authenticator = await addAuthenticator(world(), {
      title: TITLE,
      corpId: world().emulator.data.apps[0].corpId,
      matchByPhone: 'never',
    });
    const { name } = world().emulator.data.departments.find(({ dept_id }) => dept_id === DEPARTMENT) ?? { name: '' };
    const members = membersBelow(DEPARTMENT);
    // Nobody is matched by phone here, so that an administrator has to say who this is.
    const colleague = members.find(({ mobile }) => mobile) as Account;
    const known = await world().api<{ id: number }>('users:create', { username: 'known', phone: colleague.mobile });

    await becomeAdministrator(visitor);
    const sources = new SourcesPage(visitor);
    await sources.open();
    await sources.addNew();
    await sources.enterName(SOURCE);
    await sources.enable();
    await sources.choose('Authenticator', TITLE);
    await sources.chooseDepartment(name);
    await sources.button('Check').click();
    await sources.findings.first().waitFor();
    await sources.button('Preview').click();
    await sources.preview.getByText(colleague.nick, { exact: true }).waitFor();
    await visitor.screenshot(`source-preview ${client.client}`);
    await sources.submitAndClose();

    const first = await synchronize(sources);
    expect(first).toMatchObject({ status: 'success', message: expect.stringMatching(/created.*1 open/) });
    await sources.action(SOURCE, 'Tasks').click();
    await sources.form.getByText(first.message).waitFor();
    await sources.close();

    await sources.configure(SOURCE);
    await sources.openPanel('Reports');
    await press(sources.form.getByRole('button', { name: `${visitor.words('Link to user…')}: ${colleague.nick}` }));
    await press(visitor.page.getByRole('radio', { name: 'known' }));
    await sources.agrees('Link');
    await sources.form.getByText(visitor.words('Done'), { exact: true }).waitFor();
    await sources.close();

    const guest = await Visitor.arrive(world(), client, 'en-US');
    await guest.leavesForDingTalk(authenticator);
    await guest.approves(colleague);
    await guest.arrivesAt('/admin');
    expect((await guest.user()).id).toBe(known.id);
    expect(await guest.watch.faults()).toEqual([]);
    await guest.leave();

    for (const leaver of members.slice(0, LEAVERS)) {
      world().emulator.leave(leaver);
    }
    expect((await synchronize(sources)).status).toBe('failed');
    await sources.configure(SOURCE);
    await sources.button('Allow once').click();
    await visitor.screenshot(`source-stopped ${client.client}`);
    await sources.agrees('Allow once');
    await sources.form.getByText(/^Allowed\./).waitFor();
    await sources.close();
    const last = await synchronize(sources);
    expect(last).toMatchObject({ status: 'success', message: expect.stringContaining(`${LEAVERS} taken out`) });
    await sources.configure(SOURCE);
    expect(await sources.button('Allow once').count()).toBe(0);
  });

  inV1('who joins is there, and who leaves is signed out, seconds after DingTalk has told it', async (visitor) => {
    const { emulator } = world();
    await saveSource(world(), SOURCE, { authenticator: 'hears', schedule: null });
    await runSource(world(), SOURCE);
    await becomeAdministrator(visitor);
    const sources = new SourcesPage(visitor);
    await sources.open();
    await sources.configure(SOURCE);
    const state = sources.form.getByRole('region', { name: visitor.words('Changes in DingTalk') });
    await state.getByText(/open since/).waitFor();

    const newcomer = emulator.addMember();
    const filter = encodeURIComponent(JSON.stringify({ nickname: newcomer.nick }));
    const isUser = async () => (await world().api<object[]>(`users:list?filter=${filter}`)).length === 1;
    await until('there is a user', isUser, { seconds: IN_TIME_SECONDS });
    await state.getByText('user_add_org').waitFor();

    const guest = await Visitor.arrive(world(), client, 'en-US');
    await guest.leavesForDingTalk('hears');
    await guest.approves(newcomer);
    await guest.arrivesAt('/admin');
    await guest.seesNocoBase();
    emulator.leave(newcomer);
    const isOut = async () => (await guest.user()).id === undefined;
    await until('the session has ended', isOut, { seconds: IN_TIME_SECONDS, everyMs: 100 });
    await state.getByText('user_leave_org').waitFor();
    await guest.page.reload();
    await guest.page.waitForURL(/\/signin/);
    await guest.leave();
  });
});
