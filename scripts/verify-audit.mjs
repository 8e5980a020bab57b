#!/usr/bin/env node
// Verifies an export of the audit log with nothing but the export, a public key and this file:
//
//   node scripts/verify-audit.mjs --export log.ndjson --key public.pem [--anchor anchor.ndjson] [--json]
//
// It shares no code with the program that writes the log, so that a fault there cannot hide here. What it computes is
// written down in docs/audit.md. Exit codes: 0 fine, 1 failed, 2 wrong usage, 3 something is not as it was signed.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const LEAF = Buffer.of(0); // RFC 6962, section 2.1: an entry can never pass for an inner node
const NODE = Buffer.of(1);

/** RFC 8785: no blanks, keys in the order of their UTF-16 code units. JSON.stringify prints the rest as it asks for. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

/** A Merkle tree by the hashes of the complete subtrees on its right edge, the largest first. */
class Tree {
  constructor(size = 0, edge = []) {
    this.size = size;
    this.edge = edge;
    // One subtree for each 1 in the binary form of the size.
    if (edge.length !== [...size.toString(2)].filter((bit) => bit === '1').length) throw new Error('not such a tree');
  }
  append(leaf) {
    let hash = leaf;
    for (let index = this.size; index % 2 === 1; index = (index - 1) / 2) hash = sha256(NODE, this.edge.pop(), hash);
    this.edge.push(hash);
    this.size += 1;
  }
  root() {
    if (this.size === 0) return sha256('');
    return this.edge.reduceRight((right, left) => sha256(NODE, left, right));
  }
}

/** Public keys by their id, the RFC 7638 thumbprint. */
function readKeys(files) {
  const keys = new Map();
  for (const file of files) {
    for (const [block] of readFileSync(file, 'utf8').matchAll(
      /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g,
    )) {
      const key = createPublicKey(block);
      const { crv, kty, x, y } = key.export({ format: 'jwk' });
      keys.set(sha256(canonical({ crv, kty, x, y })).toString('base64url'), key);
    }
  }
  if (keys.size === 0) throw new Error('there is no public key in the files given with --key');
  return keys;
}

/** Whether one of the keys signed this head: ECDSA over P-256 and SHA-256. */
function isSigned(keys, { at, log, root, size, keyId, signature }) {
  const key = keys.get(keyId);
  const text = canonical({ at, log, root, size, type: 'countersign-audit-head', v: 1 });
  const bytes = Buffer.from(String(signature), 'base64url');
  return key !== undefined && verify('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }, bytes);
}

/** What is wrong with the values of an entry, or undefined. Values that are not there were removed, or held back. */
function wrongValues({ slots, salts }, names, commitments) {
  if (slots === null || slots === undefined) return undefined;
  const salt = Buffer.from(salts, 'base64');
  if (Object.keys(slots).sort().join('\0') !== names.join('\0')) return 'has values of other fields than it names';
  const wrong = names.filter((name, n) => {
    const made = sha256(salt.subarray(n * 32, n * 32 + 32), canonical(slots[name]));
    return !made.equals(commitments.subarray(n * 32, n * 32 + 32));
  });
  return wrong.length > 0 ? `has other values than it committed to: ${wrong.join(', ')}` : undefined;
}

async function verifyExport({ file, keys, anchors }) {
  const found = [];
  const say = (what) => found.length < 1000 && found.push(what);
  const report = { log: null, from: null, size: 0, entries: 0, withValues: 0, heads: 0, anchored: 0 };
  let tree = null;
  let covered = -1;
  const input = file === '-' ? process.stdin : createReadStream(file);
  let number = 0;
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (text === '') continue;
    let line;
    try {
      line = JSON.parse(text);
    } catch {
      say(`line ${number} is no JSON: the export was cut short there, or somebody has changed it`);
      continue;
    }
    line = line?.unmapped?.countersign ?? line; // the OCSF form carries the same line within
    if (line?.type === 'start') {
      const edge = line.subtrees.map((hash) => Buffer.from(hash, 'hex'));
      const next = new Tree(line.position, edge);
      // A second part that goes on where the first ended has to begin with the very same tree.
      if (tree !== null && (next.size !== tree.size || !next.root().equals(tree.root()))) {
        say(`line ${number}: this part does not go on where the one before it ended, at position ${tree.size}`);
      }
      tree = next;
      report.log ??= line.log;
      report.from ??= line.position;
      if (covered < 0) covered = line.position;
    } else if (tree === null) {
      throw new Error('an export begins with a line of type start');
    } else if (line?.type === 'entry') {
      if (line.position !== tree.size) say(`position ${tree.size}: missing; the next entry says ${line.position}`);
      const commitments = Buffer.from(line.commitments, 'base64');
      const header = JSON.parse(line.header);
      const which = `position ${line.position}, entry ${header.id}:`;
      if (canonical(header) !== line.header) say(`${which} its header is not in canonical form`);
      if (commitments.length !== header.slots.length * 32)
        say(`${which} has another number of commitments than fields`);
      const wrong = wrongValues(line, header.slots, commitments);
      if (wrong) say(`${which} ${wrong}`);
      if (line.slots) report.withValues += 1;
      tree.append(sha256(LEAF, line.header, commitments));
      report.entries += 1;
      for (const head of anchors.get(tree.size) ?? []) {
        if (head.log === report.log && head.root === tree.root().toString('hex')) report.anchored += 1;
        else
          say(`the anchored head over ${head.size} entries is another one: the log was changed after it was anchored`);
      }
      anchors.delete(tree.size);
    } else if (line?.type === 'head') {
      const which = `the head over ${line.size} entries`;
      if (line.log !== report.log) say(`${which} is of another log`);
      if (!isSigned(keys, line)) say(`${which} is not signed by a key that was given`);
      if (line.size !== tree.size) say(`${which} stands after ${tree.size} entries: some are missing, or too many`);
      else if (line.root !== tree.root().toString('hex')) {
        say(`${which} has another root: among positions ${covered} to ${line.size - 1} something was changed`);
      }
      covered = line.size;
      report.heads += 1;
    } else say(`line ${number} is neither start, entry nor head`);
  }
  if (tree === null) throw new Error('the export is empty');
  report.size = tree.size;
  if (covered !== tree.size || report.heads === 0)
    say(`no head covers positions ${Math.max(covered, 0)} to ${tree.size - 1}`);
  for (const [size, heads] of anchors) {
    if (size > tree.size) say(`a head over ${size} entries was anchored, and the export ends at ${tree.size}`);
    else if (size > report.from && heads.length > 0) say(`the anchored head over ${size} entries was never reached`);
  }
  return { ...report, found };
}

/** Heads of an anchor file or of a witness's state file, by their size. Lines that a crash cut short are left out. */
function readAnchors(file, keys) {
  const bySize = new Map();
  for (const text of file === undefined ? [] : readFileSync(file, 'utf8').split('\n')) {
    let head;
    try {
      head = JSON.parse(text);
    } catch {
      continue;
    }
    if (head?.type !== 'head') continue;
    if (!isSigned(keys, head))
      throw new Error(`the anchored head over ${head.size} entries is not signed by a key given`);
    bySize.set(head.size, [...(bySize.get(head.size) ?? []), head]);
  }
  return bySize;
}

function usage(problem) {
  process.stderr.write(`${problem}\nUsage: verify-audit.mjs --export FILE --key PEM… [--anchor FILE] [--json]\n`);
  process.exitCode = 2;
}

async function main() {
  let given;
  try {
    const text = { type: 'string' };
    const options = { export: text, key: { type: 'string', multiple: true }, anchor: text, json: { type: 'boolean' } };
    given = parseArgs({ options }).values;
  } catch (error) {
    return usage(error.message);
  }
  if (!given.export || !given.key) return usage('Give an export and a public key.');
  const keys = readKeys(given.key);
  const report = await verifyExport({ file: given.export, keys, anchors: readAnchors(given.anchor, keys) });
  if (given.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else {
    for (const line of report.found) process.stdout.write(`${line}\n`);
    process.stdout.write(
      `log ${report.log}: positions ${report.from} to ${report.size - 1}, ${report.entries} entries ` +
        `(${report.withValues} with values), ${report.heads} signed heads, ${report.anchored} anchored: ` +
        `${report.found.length === 0 ? 'as it was signed' : `${report.found.length} finding(s)`}\n`,
    );
  }
  process.exitCode = report.found.length === 0 ? 0 : 3;
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
