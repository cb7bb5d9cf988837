import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * Which folders a folder may import from, besides itself: imports go one way. `types` may be used
 * with `import type` only; `packages` is a complete list where it is given.
 */
const LAYERS = {
  core: { values: [], packages: ['simple-statistics', 'ml-random-forest'] },
  processes: { values: [] },
  data: { values: ['core', 'processes'], types: ['pipelines', 'store'] },
  store: { values: ['core', 'workflows/contract.ts'], types: ['pipelines'] },
  pipelines: { values: ['core'], types: ['data', 'store'] },
  workflows: {
    values: ['core'],
    types: ['pipelines', 'store'],
    packages: ['@temporalio/workflow', '@temporalio/common', 'node:assert', 'node:assert/strict'],
  },
  activities: {
    values: ['core', 'processes', 'data', 'store', 'pipelines', 'workflows/contract.ts'],
  },
  shell: { values: ['core', 'store', 'pipelines', 'workflows/contract.ts'] },
  worker: {
    values: ['core', 'processes', 'data', 'store', 'pipelines', 'activities', 'workflows', 'shell'],
  },
  starter: { values: ['core', 'data', 'store', 'pipelines', 'workflows/contract.ts', 'shell'] },
  web: { values: ['core', 'store', 'pipelines', 'workflows/contract.ts'], types: ['shell'] },
  demo: { values: ['core', 'data', 'pipelines', 'shell'] },
  cli: {
    values: [
      'core',
      'data',
      'store',
      'pipelines',
      'workflows/contract.ts',
      'shell',
      'starter',
      'demo',
    ],
    types: ['web'],
  },
};

const SOURCE_FOLDERS = Object.keys(LAYERS);
const TEST_FILES = ['**/*.test.ts', '**/fixtures/**/*.ts', 'test/**/*.ts'];
const CONTRACT = 'workflows/contract.ts';

/** Where people read the terminal, printing is the purpose. */
const PRINTING_FILES = [
  'cli/**',
  'bench/**',
  'scripts/**',
  'demo/**',
  'deploy/**',
  'starter/start.ts',
];

const RESTRICTED_SYNTAX = [
  {
    selector: 'ExportDefaultDeclaration',
    message: 'Export by name, so that a thing is called the same everywhere.',
  },
  {
    selector: 'ExportAllDeclaration',
    message: 'Name what is re-exported, so that the public surface can be read.',
  },
];

const HIDDEN_INPUTS = [
  { object: 'Math', property: 'random', message: 'Take a `Random` as an argument.' },
  { object: 'Date', property: 'now', message: 'Take the time as an argument.' },
  { object: 'performance', property: 'now', message: 'Measure outside of core.' },
];

const CLOCK_SYNTAX = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'Take the time as an argument.',
  },
  { selector: "CallExpression[callee.name='Date']", message: 'Take the time as an argument.' },
];

const DYNAMIC_IMPORT = {
  selector: 'ImportExpression',
  message: 'Import statically: what this folder needs must be visible, and checked, at its top.',
};

const ENVIRONMENT = {
  object: 'process',
  property: 'env',
  message: 'The environment is read once, by shell/settings.ts.',
};

export default defineConfig(
  globalIgnores(['dist/', 'build/', 'coverage/', '.calmops/', 'logs/', 'test/histories/', 'docs/']),
  // AssemblyScript, which its own compiler checks.
  globalIgnores(['**/kernel/assembly/']),
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['describe', 'it', 'suite', 'test'] },
          ],
        },
      ],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      // Rejects `defineUpdate<void, …>`, which is how the SDK says that an update answers nothing.
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    rules: {
      eqeqeq: 'error',
      'max-lines': ['error', { max: 350, skipBlankLines: true, skipComments: true }],
      // A factory counts with the functions that it returns.
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'no-restricted-properties': ['error', ENVIRONMENT],
      'no-restricted-syntax': ['error', ...RESTRICTED_SYNTAX],
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  ...SOURCE_FOLDERS.map((folder) => layer([`${folder}/**/*.ts`], folder, LAYERS[folder])),
  // A composition root wires what its folder only knows by type.
  layer(['web/main.ts'], 'web', { values: [...LAYERS.web.values, 'shell'] }),
  layer(['cli/up.ts', 'cli/import.ts', 'cli/status.ts'], 'cli', { values: SOURCE_FOLDERS }),
  {
    files: ['core/**/*.ts'],
    rules: {
      // A typed array read at a known index is the everyday case there, not a lapse.
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-restricted-properties': ['error', ENVIRONMENT, ...HIDDEN_INPUTS],
      'no-restricted-syntax': ['error', ...RESTRICTED_SYNTAX, ...CLOCK_SYNTAX, DYNAMIC_IMPORT],
    },
  },
  {
    files: ['workflows/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...RESTRICTED_SYNTAX, DYNAMIC_IMPORT] },
  },
  { files: PRINTING_FILES, rules: { 'no-console': 'off' } },
  {
    files: ['shell/**', 'cli/**', 'bench/**', 'scripts/**', ...TEST_FILES],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: TEST_FILES,
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-restricted-imports': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      'no-restricted-syntax': 'off',
    },
  },
  {
    // The user's own code, and the formats that Node and ESLint ask for.
    files: ['pipelines/*/hooks.ts', '*.config.js', '*.config.cjs'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: globals(
        'AbortSignal Buffer URL clearTimeout console fetch process setInterval setTimeout',
      ),
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', globals: globals('module require __dirname') },
  },
  {
    files: ['web/**/*.js'],
    languageOptions: {
      globals: globals('document window location localStorage htmx Event CustomEvent Element'),
    },
  },
);

/** The import rules of the files of one folder. */
function layer(files, folder, { values, types = [], packages }) {
  const reachable = [folder, ...values.map((value) => value.split('/')[0])];
  const others = SOURCE_FOLDERS.filter((other) => !reachable.includes(other));
  const typesOnly = others.filter((other) => types.includes(other));
  const forbidden = others.filter((other) => !types.includes(other));
  const patterns = [
    {
      regex: `^(\\.\\./)+(${forbidden.join('|')}|bench|test)/`,
      message: `${folder}/ may import ${['itself', ...values].join(', ')}: see LAYERS in eslint.config.js.`,
    },
  ];
  if (typesOnly.length > 0) {
    patterns.push({
      regex: `^(\\.\\./)+(${typesOnly.join('|')})/`,
      allowTypeImports: true,
      message: `${folder}/ knows this folder by \`import type\` only.`,
    });
  }
  if (values.includes(CONTRACT)) {
    patterns.push({
      regex: '^(\\.\\./)+workflows/(?!contract\\.ts$)',
      message: `${folder}/ reaches workflows through ${CONTRACT} only.`,
    });
  }
  if (packages !== undefined) {
    patterns.push({
      regex: `^(?!\\.|(${packages.join('|')})$)`,
      message: `${folder}/ may use ${packages.join(', ')} and no other package.`,
    });
  }
  return { files, rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] } };
}

function globals(names) {
  return Object.fromEntries(names.split(' ').map((name) => [name, 'readonly']));
}
