/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

const config: Config = {
  testMatch: [
    '<rootDir>/packages/*/src/**/*.test.ts',
    '<rootDir>/packages/*/test/**/*.test.ts',
    '<rootDir>/scripts/**/*.test.ts',
  ],
  testEnvironment: 'node',
  testTimeout: 60_000,
  // One throw-away PostgreSQL a run, started by the first test that asks for a database.
  globalSetup: '<rootDir>/packages/api/test/harness/global-setup.ts',
  globalTeardown: '<rootDir>/packages/api/test/harness/global-teardown.ts',
  transform: {
    '^.+\\.(t|m?j)s$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          target: 'es2022',
          keepClassNames: true,
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  // Packages that ship only ES modules have to be transformed: jest on Node 20 cannot require them.
  transformIgnorePatterns: ['/node_modules/(?!(\\.pnpm/)?(jose|graphql-http|@apollo[/+]client)[@/])'],
  moduleNameMapper: { '^@countersign/(schema|crypto|policy|api)$': '<rootDir>/packages/$1/src/index.ts' },
  // Copies of the packages, made for a mutation run, are not the packages.
  modulePathIgnorePatterns: ['<rootDir>/.cache/'],
  // PostgreSQL is shared by all test files; two cores are the size to plan for. Tests wait now and then, hence one more.
  maxWorkers: 3,
};

export default config;
