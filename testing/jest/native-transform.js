/** Has Node load a module of a package, in place of Jest; see native-environment.js. */
module.exports = {
  process: (_, file) => ({ code: `module.exports = nativeRequire(${JSON.stringify(file)});` }),
};
