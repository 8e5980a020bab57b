/*
 * Lets a child process run the sources themselves, compiled as the tests compile them, so that it can never be an older
 * build that is put to the test. Use it as `node --require`.
 */
const Module = require('node:module');
const path = require('node:path');
const { transformFileSync } = require('@swc/core');

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

require.extensions['.ts'] = (module, file) => module._compile(transformFileSync(file, options).code, file);

const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  const own = /^@countersign\/([a-z]+)$/.exec(request);
  return resolve.call(this, own ? path.join(root, 'packages', own[1], 'src/index.ts') : request, ...rest);
};
