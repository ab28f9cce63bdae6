// Types for every stored operation, as front ends make them. Written to the folder given.
import { generate } from '@graphql-codegen/cli';

const [root, out] = process.argv.slice(2);
await generate({
  schema: `${root}/schema.graphql`,
  documents: `${root}/operations/*.graphql`,
  silent: true,
  generates: {
    [`${out}/`]: {
      preset: 'client',
      config: {
        strictScalars: true,
        useTypeImports: true,
        scalars: {
          BigInt: 'string', CurrencyCode: 'string', Date: 'string', DateTime: 'string',
          Decimal: 'string', JSON: 'unknown', Secret: 'string',
        },
      },
    },
  },
});
