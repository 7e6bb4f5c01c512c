import { CodedError } from '../http/coded-error';
import { parseChannel } from './options';

const parse = (more: object = {}) => parseChannel({ authenticator: 'dingtalk', ...more });

afterEach(() => {
  delete process.env.APP_PUBLIC_ORIGIN;
  delete process.env.APP_PUBLIC_PATH;
});

it('a channel needs no more than an authenticator', () => {
  expect(parse()).toEqual({
    authenticator: 'dingtalk',
    links: 'app',
    address: undefined,
    hosts: new Set(),
    quota: 5000,
    asksResult: false,
    tooLong: 'shorten',
    appendsTime: true,
  });
});

it('null and missing are the same', () => {
  const nothing = { links: null, address: null, hosts: null, quota: null, asksResult: null, tooLong: null };
  expect(parse({ ...nothing, appendsTime: null })).toEqual(parse());
});

it.each<[string, object]>([
  ['no authenticator', { authenticator: '' }],
  ['an authenticator that is none', { authenticator: 7 }],
  ['another place for links', { links: 'everywhere' }],
  ['no calls at all', { quota: 0 }],
  ['half a call', { quota: 1.5 }],
  ['an address that is none', { address: 'nocobase' }],
  ['an address of a program', { address: 'javascript:alert(1)' }],
  ['an address with a query', { address: 'https://a.example/?x' }],
  ['an address with a password', { address: 'https://a:b@c.example/' }],
])('refuses %s', (_, more) => {
  expect(() => parse(more)).toThrow(CodedError);
});

it('refuses what are no options', () => {
  for (const options of [null, undefined, 'x', []]) {
    expect(() => parseChannel(options)).toThrow(expect.objectContaining({ code: 'CHANNEL_INVALID' }));
  }
});

it('takes hosts as they are typed, and what is none for nothing', () => {
  const hosts = [
    ' Files.Example ',
    'https://crm.example:8443/path',
    'b\u00fccher.example',
    '',
    '*',
    'a b',
    'x.example:443',
  ];
  expect([...parse({ hosts }).hosts]).toEqual([
    'files.example',
    'crm.example:8443',
    'xn--bcher-kva.example',
    '*',
    'x.example',
  ]);
});

it('takes the address of the environment, unless the channel has its own', () => {
  process.env.APP_PUBLIC_ORIGIN = 'https://a.example';
  process.env.APP_PUBLIC_PATH = '/base/';
  expect(parse().address?.href).toBe('https://a.example/base');
  expect(parse({ address: 'https://b.example/v/' }).address?.href).toBe('https://b.example/v');
});
