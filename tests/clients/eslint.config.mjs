// The rules of Relay for lists, descriptions everywhere, and documents that fit the schema.
import { rules, parser } from '@graphql-eslint/eslint-plugin';

const plugins = { '@graphql-eslint': { rules } };
const languageOptions = {
  parser,
  parserOptions: { graphQLConfig: { schema: 'schema.graphql', documents: 'operations/*.graphql' } },
};

export default [
  {
    files: ['schema.graphql'],
    plugins,
    languageOptions,
    rules: {
      '@graphql-eslint/relay-page-info': 'error',
      '@graphql-eslint/relay-connection-types': 'error',
      '@graphql-eslint/relay-edge-types': [
        'error',
        { withEdgeSuffix: true, shouldImplementNode: false, listTypeCanWrapOnlyEdgeType: false },
      ],
      // The specification asks for one way or both; what is worked out anew goes forward only.
      '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
      '@graphql-eslint/require-description': [
        'error',
        { types: true, rootField: true, FieldDefinition: true, InputValueDefinition: true,
          EnumValueDefinition: true, DirectiveDefinition: true,
          // The library that prints the schema has no descriptions for those.
          ignoredSelectors: [
            '[type=DirectiveDefinition][name.value=oneOf]',
            '[parent.type=DirectiveDefinition]',
          ] },
      ],
      '@graphql-eslint/require-deprecation-reason': 'error',
      '@graphql-eslint/no-duplicate-fields': 'off',
      '@graphql-eslint/unique-enum-value-names': 'error',
      '@graphql-eslint/no-typename-prefix': 'off',
      '@graphql-eslint/description-style': ['error', { style: 'block' }],
    },
  },
  {
    files: ['operations/*.graphql'],
    plugins,
    languageOptions,
    rules: {
      '@graphql-eslint/fields-on-correct-type': 'error',
      '@graphql-eslint/known-argument-names': 'error',
      '@graphql-eslint/no-anonymous-operations': 'error',
      '@graphql-eslint/no-deprecated': 'error',
      '@graphql-eslint/no-unused-variables': 'error',
      '@graphql-eslint/unique-operation-name': 'error',
      '@graphql-eslint/variables-in-allowed-position': 'error',
    },
  },
];
