import { linkTo, type LinkSettings, pictureAt } from './links';

const settings: LinkSettings = {
  links: 'app',
  address: new URL('https://nocobase.example/base/v'),
  hosts: new Set(['files.example', 'crm.example:8443']),
  corpId: 'dingcorp',
  agentId: '2839445214',
};

const link = (wanted: unknown, more: Partial<LinkSettings> = {}) => linkTo(wanted, { ...settings, ...more });

const openApp = (address: string) =>
  'dingtalk://dingtalkclient/action/openapp?corpid=dingcorp&container_type=work_platform&app_id=0_2839445214' +
  `&redirect_type=jump&redirect_url=${encodeURIComponent(address)}`;
const opened = (address: string, panel: boolean) =>
  `dingtalk://dingtalkclient/page/link?url=${encodeURIComponent(address)}&pc_slide=${panel}`;

describe('a link to a page of this NocoBase', () => {
  it.each<[string, string]>([
    ['/admin/orders?id=1#top', 'https://nocobase.example/base/v/admin/orders?id=1#top'],
    ['/base/v/admin/orders', 'https://nocobase.example/base/v/admin/orders'],
    [' /admin/张伟 ', `https://nocobase.example/base/v/admin/${encodeURIComponent('张伟')}`],
    ['/admin/(a)[b]', 'https://nocobase.example/base/v/admin/%28a%29%5Bb%5D'],
    ['https://nocobase.example/base/admin/orders', 'https://nocobase.example/base/admin/orders'],
    ['https://NOCOBASE.example/base/v/apps/shop/admin', 'https://nocobase.example/base/v/apps/shop/admin'],
    ['/admin?token=stolen&x=1', 'https://nocobase.example/base/v/admin?x=1'],
  ])('%s opens signed in', (wanted, address) => {
    expect(link(wanted)).toEqual({ plain: address, address: openApp(address) });
  });

  it('opens where the channel says, and in the panel where the app has no number or no organization', () => {
    const address = 'https://nocobase.example/base/v/admin';
    expect(link('/admin', { links: 'panel' })?.address).toBe(opened(address, true));
    expect(link('/admin', { links: 'browser' })?.address).toBe(opened(address, false));
    expect(link('/admin', { corpId: undefined })?.address).toBe(opened(address, true));
    expect(link('/admin', { agentId: undefined })?.address).toBe(opened(address, true));
  });

  it('is none where nobody has said where this NocoBase is', () => {
    expect(link('/admin', { address: undefined })).toBeUndefined();
  });

  it('is one of the server itself, where its address has no path', () => {
    expect(link('/admin/x', { address: new URL('http://10.0.0.5:13000/') })?.plain).toBe(
      'http://10.0.0.5:13000/admin/x',
    );
  });
});

describe('other links', () => {
  it('lead to hosts of the channel, in the browser', () => {
    expect(link('https://files.example/a?b=c')?.address).toBe(opened('https://files.example/a?b=c', false));
    expect(link('http://crm.example:8443/')?.address).toBe(opened('http://crm.example:8443/', false));
  });

  it('lead to files of this NocoBase, as they are', () => {
    const file = 'https://nocobase.example/storage/uploads/a.pdf';
    expect(link('/storage/uploads/a.pdf')).toEqual({ plain: file, address: opened(file, false) });
    expect(pictureAt('/storage/uploads/a.pdf', settings)).toBe(file);
    expect(pictureAt('https://files.example/a.png', settings)).toBe('https://files.example/a.png');
  });

  it.each([
    'https://evil.example/',
    'https://files.example.evil.example/',
    'https://evil.example/?https://files.example/',
    'https://crm.example/',
    'https://files.example:444/',
    'https://files.example@evil.example/',
    'https://nocobase.example@evil.example/',
    'https://user:pass@files.example/',
    "https://files.example'@evil.example/",
    'https://nocobase.example:8443/admin',
    'https://evil.example\\@files.example/',
    'https:/evil.example',
    'https:evil.example',
    '//evil.example/',
    '/\\evil.example/',
    '/.//evil.example/',
    '\\\\evil.example',
    'javascript:alert(1)',
    'data:text/html,<script>',
    'dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fevil.example',
    'DingTalk://dingtalkclient/action/openapp?corpid=dingevil',
    'ftp://files.example/',
    'https://files.example/a b',
    'https://files.exa\nmple/',
    'files.example',
    'admin/orders',
    '',
    null,
    undefined,
    42,
    {},
  ])('T100: %j leads nowhere', (wanted) => {
    expect(link(wanted)).toBeUndefined();
    expect(pictureAt(wanted, settings)).toBeUndefined();
  });

  it.each([
    '/api/users:destroy?filterByTk=1',
    '/base/v/api/auth:signOut',
    '/signin?redirect=/admin',
    '/signin/dingtalk#code=a&state=b',
    '/signin/dingtalk/link#code=a&state=b',
    '/signup',
    '/ws',
    'https://nocobase.example/api/users:list',
    'https://nocobase.example/base/v/signin/dingtalk#code=a',
  ])('T100: %s of this NocoBase is no page of it', (wanted) => {
    expect(link(wanted)).toBeUndefined();
    expect(pictureAt(wanted, settings)).toBeUndefined();
  });

  it('a page of this NocoBase is no picture', () => {
    expect(pictureAt('/admin/orders', settings)).toBeUndefined();
  });
});
