// Compiles every stored operation, and a list that loads more and more, with relay-compiler.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { parse, print, visit } from 'graphql';

const [root, out] = process.argv.slice(2);
mkdirSync(join(out, 'artifacts'), { recursive: true });

// Relay wants names to begin with that of their file, and to end with their kind.
function renamed(document, file) {
  const fragment = (name) => ({ kind: 'Name', value: `${file}_${name}` });
  return visit(document, {
    OperationDefinition: (node) => ({
      ...node,
      name: { ...node.name, value: file + node.operation[0].toUpperCase() + node.operation.slice(1) },
    }),
    FragmentDefinition: (node) => ({ ...node, name: fragment(node.name.value) }),
    FragmentSpread: (node) => ({ ...node, name: fragment(node.name.value) }),
  });
}

function write(file, text) {
  const tagged = `import { graphql } from 'relay-runtime';\ngraphql\`${text}\`;\n`;
  writeFileSync(join(out, `${file}.js`), tagged);
}

for (const name of readdirSync(join(root, 'operations'))) {
  const file = basename(name, '.graphql');
  const document = parse(readFileSync(join(root, 'operations', name), 'utf8'));
  write(file, print(renamed(document, file)));
}
write('EndlessOrders', readFileSync(new URL('endless-orders.graphql', import.meta.url), 'utf8'));

writeFileSync(join(out, 'relay.config.json'), JSON.stringify({
  src: out, schema: join(root, 'schema.graphql'), language: 'javascript',
  artifactDirectory: join(out, 'artifacts'),
}));
const compiler = createRequire(import.meta.url)('relay-compiler');
execFileSync(compiler, [join(out, 'relay.config.json')], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
console.log(readdirSync(join(out, 'artifacts')).length);
