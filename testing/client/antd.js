/**
 * In place of `antd` and `@ant-design/icons` in unit tests: loads the components that are used, each when it is first
 * used. All of them are 3,000 files, which take a test file a second longer.
 */
const fileOf = (name) =>
  /(Outlined|Filled|TwoTone)$/.test(name)
    ? `@ant-design/icons/lib/icons/${name}`
    : `antd/lib/${name.replace(/\B[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}`;

module.exports = new Proxy(
  { __esModule: true },
  {
    get: (target, name) => (typeof name !== 'string' || name in target ? target[name] : require(fileOf(name)).default),
  },
);
