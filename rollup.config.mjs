import { builtinModules } from 'node:module';
import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import esbuild from 'rollup-plugin-esbuild';
import fs from 'node:fs';
import { packageFiles } from './build/package-files.js';

const { name } = JSON.parse(fs.readFileSync('package.json', 'utf8'));

/** What NocoBase, or the page that it serves, provides. Everything else is bundled. */
const provided = /^(@nocobase|@formily|react|react-dom|react-router-dom|antd|@ant-design)(\/|$)/;

/** Hides warnings about the code of other packages, which cannot be fixed here. */
const onLog = (level, log, handler) => {
  if (!log.id?.includes('node_modules') && !log.ids?.every((id) => id.includes('node_modules'))) {
    handler(level, log);
  }
};

/** `ws` would use two compiled packages if it found any version of them in another plugin's folder. It needs neither. */
const withoutCompiledPackages = {
  name: 'without-compiled-packages',
  transform: (code, id) =>
    /\/ws\/lib\//.test(id) ? code.replace(/process\.env\.WS_NO_(BUFFER_UTIL|UTF_8_VALIDATE)/g, 'true') : null,
};

/** RequireJS accepts the URL of a module as it is, so that no code to make it absolute is bundled. */
const ownAddress = { name: 'own-address', resolveImportMeta: (property) => (property === 'url' ? 'module.uri' : null) };

/** Elements by React itself are shorter than those by a runtime of their own, which has to be required as well. */
const reactInScope = {
  name: 'react-in-scope',
  transform: (code, id) => (id.endsWith('.tsx') ? `import * as React from 'react';\n${code}` : null),
};

/** An AMD module, as NocoBase's loader requires it. */
const client = (input, file, id) => ({
  input,
  external: provided,
  onLog,
  output: {
    file,
    format: 'amd',
    strict: false,
    amd: { id },
    exports: 'named',
    generatedCode: { preset: 'es2015', symbols: false },
    interop: 'esModule',
    esModule: false,
  },
  plugins: [
    ownAddress,
    json(),
    nodeResolve({ extensions: ['.ts', '.tsx', '.js'] }),
    commonjs(),
    esbuild({ target: 'es2020', jsx: 'transform', tsconfig: false }),
    reactInScope,
    terser({
      ecma: 2020,
      compress: { passes: 5, inline: 1, sequences: false, unsafe_arrows: true, pure_getters: !!id },
    }),
  ],
});

/** What every page loads, under the name that NocoBase requests, and the bundles that only some users or pages need. */
const clients = (folder, id) => [
  client(`src/${folder}/index.ts`, `dist/${folder}/index.js`, id),
  client(`src/${folder}/SettingsForm.tsx`, `dist/${folder}/SettingsForm.js`),
  client(`src/${folder}/SourceForm.tsx`, `dist/${folder}/SourceForm.js`),
  client(`src/${folder}/ChannelConfigForm.tsx`, `dist/${folder}/ChannelConfigForm.js`),
  client('src/client-v2/MessageConfigForm.tsx', `dist/${folder}/MessageConfigForm.js`),
  client(`src/${folder}/ContentConfigForm.tsx`, `dist/${folder}/ContentConfigForm.js`),
  client('src/client-common/sign-in/CallbackFailure.tsx', `dist/${folder}/CallbackFailure.js`),
  client('src/client-common/sign-in/first/DingTalkFirst.tsx', `dist/${folder}/DingTalkFirst.js`),
  client('src/client-common/linking/LinkPage.tsx', `dist/${folder}/LinkPage.js`),
  client('src/client-common/configuration/SignInTestResult.tsx', `dist/${folder}/SignInTestResult.js`),
  client('src/client-common/linking/AccountPage.tsx', `dist/${folder}/AccountPage.js`),
  client('src/client-common/sign-in/inside/InsideDingTalk.tsx', `dist/${folder}/InsideDingTalk.js`),
  client('src/client-common/sign-in/inside/jsapi.ts', `dist/${folder}/DingTalkJsapi.js`),
];

export default [
  {
    input: 'src/server/index.ts',
    external: (id) => provided.test(id) || id.startsWith('node:') || builtinModules.includes(id),
    output: { dir: 'dist', entryFileNames: 'server/index.js', format: 'cjs', exports: 'named', interop: 'auto' },
    onLog,
    plugins: [
      withoutCompiledPackages,
      nodeResolve(),
      json(),
      commonjs(),
      esbuild({ target: 'node18' }),
      packageFiles(),
    ],
  },
  ...clients('client', name),
  ...clients('client-v2', `${name}/client-v2`),
  client('src/client-v2/AccountItem.ts', 'dist/client-v2/AccountItem.js'),
];
