// What may import what: app → features → api, ui, shared; a feature sees another only through its index.ts.
import vue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'

const features = ['accounts', 'admin', 'auth', 'totp', 'tokens', 'notifications', 'setup', 'documents', 'uploads', 'search', 'topics', 'review', 'ai', 'filing', 'events', 'quotas']
const foundations = ['api', 'ui', 'shared']

const restrict = (files, patterns) => ({ files, rules: { 'no-restricted-imports': ['error', { patterns }] } })
const intoFeatures = {
  regex: '^@/features/[^/]+/.+',
  message: 'Another feature is used only by its front door: @/features/<name>.',
}
const intoApp = { regex: '^@/app(/|$)', message: 'Only main.ts and app/ may import from app/.' }

export default tseslint.config(
  { ignores: ['dist', 'src/api/schema.d.ts', 'src/ui/components.d.ts', 'test-results', 'playwright-report'] },
  ...tseslint.configs.strict,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.{ts,vue}'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': 'off',
      'no-console': 'error',
      'no-undef': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'vue/no-v-html': 'error',
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
      'vue/define-macros-order': 'error',
      'vue/multi-word-component-names': 'off',
      // Layout is left to the editor; these only make noise.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/html-indent': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/attributes-order': 'off',
      'vue/require-default-prop': 'off',
    },
  },
  { files: ['**/*.ts'], ignores: ['**/*.spec.ts', 'e2e/**'], rules: { 'max-lines-per-function': ['error', { max: 120, skipComments: true }] } },
  restrict(['src/app/**'], [intoFeatures]),
  ...features.map((name) => restrict([`src/features/${name}/**`], [intoFeatures, intoApp])),
  ...foundations.map((name) =>
    restrict([`src/${name}/**`], [
      intoApp,
      { regex: '^@/features(/|$)', message: 'Foundations know no feature.' },
      ...foundations
        .filter((other) => other !== name && !(name === 'ui' && other === 'shared'))
        .map((other) => ({ regex: `^@/${other}(/|$)`, message: `${name} does not depend on ${other}.` })),
    ]),
  ),
)
