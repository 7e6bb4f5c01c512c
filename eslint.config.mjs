import js from '@eslint/js';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';
import walls from './build/walls.mjs';

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', '.nocobase/'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: {
        module: 'readonly',
        require: 'readonly',
        __dirname: 'readonly',
        process: 'readonly',
        console: 'readonly',
      },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  { files: ['src/**/*.tsx', 'gallery/**/*.tsx'], ...hooks.configs.flat['recommended-latest'] },
  { rules: { eqeqeq: 'error', 'no-console': 'error' } },
  ...walls,
  { files: ['dev/**', 'emulator/**', 'bench/**'], rules: { 'no-console': 'off' } },
);
