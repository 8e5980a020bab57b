import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import TestRunner, { type Test, type TestRunnerOptions, type TestWatcher } from 'jest-runner';

interface FileOfTests {
  readonly names: string[];
  readonly milliseconds: number;
}

/**
 * Runs for each mutant only the files with tests that reach it, the quickest first, and stops after a file with a failure.
 * Stryker names the tests, but jest would load every file that is related to the mutated one, whether or not it has any of them:
 * a mutation run would take four times as long.
 */
class CoveringFilesRunner extends TestRunner {
  /** What the run before the mutants found; each run has its own copy of the packages, and this file lies there. */
  private readonly record = path.join(this._globalConfig.rootDir, 'tests-by-file.json');

  override async runTests(tests: Test[], watcher: TestWatcher, options: TestRunnerOptions): Promise<void> {
    if (!existsSync(this.record)) return this.runAndRecord(tests, watcher, options);
    const files = JSON.parse(readFileSync(this.record, 'utf8')) as Record<string, FileOfTests>;
    const { testNamePattern } = this._globalConfig;
    const pattern = new RegExp(testNamePattern ?? '', 'i');
    const reaching = tests
      .filter((test) => files[test.path]?.names.some((name) => pattern.test(name)) ?? true)
      .sort((a, b) => (files[a.path]?.milliseconds ?? 0) - (files[b.path]?.milliseconds ?? 0));
    let failed = false;
    this.on('test-file-success', ([, { numFailingTests }]) => {
      failed ||= numFailingTests > 0;
    });
    this.on('test-file-failure', () => {
      failed = true;
    });
    for (const test of reaching) {
      if (!failed) await super.runTests([test], watcher, options);
    }
  }

  private async runAndRecord(tests: Test[], watcher: TestWatcher, options: TestRunnerOptions): Promise<void> {
    const files: Record<string, FileOfTests> = {};
    this.on('test-file-success', ([test, { testResults, perfStats }]) => {
      files[test.path] = { names: testResults.map(({ fullName }) => fullName), milliseconds: perfStats.runtime };
    });
    await super.runTests(tests, watcher, options);
    writeFileSync(this.record, JSON.stringify(files));
  }
}

module.exports = CoveringFilesRunner;
