/*
 * Lets a child process run the sources themselves, compiled as the tests compile them, so that it can never be an older
 * build that is put to the test. Use it as `node --require`.
 */
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

const root = path.resolve(__dirname, '../../../..');
const options = {
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    target: 'es2022',
    keepClassNames: true,
  },
  module: { type: 'commonjs' },
};

// Whoever starts hundreds of processes names a folder of its own, in which what was compiled is kept by its content.
const kept = process.env.COMPILED_SOURCES;

function compiled(file) {
  const compile = () => require('@swc/core').transformFileSync(file, options).code;
  if (!kept) return compile();
  const place = path.join(kept, createHash('sha256').update(file).update(fs.readFileSync(file)).digest('hex'));
  try {
    return fs.readFileSync(place, 'utf8');
  } catch {
    const code = compile();
    const draft = `${place}.${process.pid}`;
    fs.writeFileSync(draft, code);
    fs.renameSync(draft, place);
    return code;
  }
}

require.extensions['.ts'] = (module, file) => module._compile(compiled(file), file);

const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  const own = /^@countersign\/([a-z]+)$/.exec(request);
  return resolve.call(this, own ? path.join(root, 'packages', own[1], 'src/index.ts') : request, ...rest);
};
