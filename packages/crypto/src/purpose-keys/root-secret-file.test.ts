import { fork } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { rootSecretFromBytes } from './root-secret';
import { RootSecretFileError, readOrCreateRootSecret, readRootSecret } from './root-secret-file';

let folder: string;
let path: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'root-secret-'));
  path = join(folder, 'root-secret');
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

const line = (fill: number, length = 32) => `countersign-root-1:${Buffer.alloc(length, fill).toString('base64url')}`;
const write = (text: string, mode = 0o600) => fs.writeFileSync(path, text, { mode });

test('a first start writes a secret that only the owner can read, and a second start reads it', () => {
  const first = readOrCreateRootSecret(path);
  expect(fs.statSync(path).mode & 0o777).toBe(0o600);
  expect(fs.readFileSync(path, 'utf8')).toMatch(/^countersign-root-1:[A-Za-z0-9_-]{43}\n$/);
  expect(readOrCreateRootSecret(path).mac('m').mac('x')).toEqual(first.mac('m').mac('x'));
  expect(fs.readdirSync(folder)).toEqual(['root-secret']);
});

test('eight processes that start at once all get the same secret', async () => {
  const program = join(folder, 'start.cjs');
  fs.writeFileSync(
    program,
    `require(${JSON.stringify(require.resolve('esbuild-register'))});
     const { readOrCreateRootSecret } = require(${JSON.stringify(resolve(__dirname, 'root-secret-file.ts'))});
     process.on('message', (path) => {
       process.send(readOrCreateRootSecret(path).mac('m').mac('x').toString('hex'));
       process.disconnect();
     });
     process.send('ready');`,
  );
  const children = Array.from({ length: 8 }, () => fork(program, { execArgv: [] }));
  await Promise.all(children.map((child) => once(child, 'message')));
  const answers = children.map((child) => once(child, 'message'));
  for (const child of children) child.send(path);
  const macs = (await Promise.all(answers)).map(([mac]) => mac as string);
  expect(new Set(macs)).toEqual(new Set([readRootSecret(path).mac('m').mac('x').toString('hex')]));
  expect(fs.readdirSync(folder).sort()).toEqual(['root-secret', 'start.cjs']);
});

test.each([0o640, 0o604, 0o660, 0o644, 0o610])(
  'a file of mode %o is refused with the command that mends it',
  (mode) => {
    write(line(1));
    fs.chmodSync(path, mode);
    expect(() => readOrCreateRootSecret(path)).toThrow(RootSecretFileError);
    expect(() => readOrCreateRootSecret(path)).toThrow(`chmod 600 ${path}`);
  },
);

test('a production start never makes up a secret for a missing file', () => {
  expect(() => readRootSecret(path)).toThrow('cannot be opened (ENOENT)');
  expect(fs.existsSync(path)).toBe(false);
});

test('the first line makes, further lines still verify, in whatever order they were added', () => {
  write(`${line(2)}\n${line(1)}\n`);
  const root = readRootSecret(path);
  expect(root.mac('m').mac('x')).toEqual(rootSecretFromBytes(Buffer.alloc(32, 2)).mac('m').mac('x'));
  expect(root.mac('m').verify('x', rootSecretFromBytes(Buffer.alloc(32, 1)).mac('m').mac('x'))).toBe(true);
  write(`${line(1)}\r\n${line(2)}`);
  expect(readRootSecret(path).mac('m').verify('x', root.mac('m').mac('x'))).toBe(true);
});

test.each([
  ['empty', '', 'is empty'],
  ['of another format', 'countersign-root-2:AAAA', 'line 1: expected countersign-root-1:'],
  ['bare', Buffer.alloc(32).toString('base64url'), 'line 1: expected'],
  ['padded', `${line(1)}=`, 'line 1: expected'],
  ['too short', line(1, 31), 'line 1: a root secret needs at least 32 bytes'],
  ['broken in its second line', `${line(1)}\n\n${line(2)}`, 'line 2: expected'],
])('a file that is %s is refused, without repeating its content', (_, content, message) => {
  write(content);
  expect(() => readRootSecret(path)).toThrow(RootSecretFileError);
  expect(() => readRootSecret(path)).toThrow(message);
  try {
    readRootSecret(path);
  } catch (error) {
    if (content.length > 30) expect((error as Error).message).not.toContain(content.slice(19, 40));
  }
});

test('a folder in place of the file is refused', () => {
  fs.mkdirSync(path, { mode: 0o700 });
  expect(() => readRootSecret(path)).toThrow('is not a regular file');
});

test('a folder that does not exist is a clear error', () => {
  expect(() => readOrCreateRootSecret(join(folder, 'none', 'file'))).toThrow('cannot be created (ENOENT)');
});
