import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { type SampleLedger, sampleLedger } from '../harness/sample-ledger';
import { startTestGateway, type TestGateway } from '../harness/test-gateway';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/* Runs with a real browser only: `npm run test:browser`. */
describe('The API explorer in a browser', () => {
  let gateway: TestGateway;
  let ledger: SampleLedger;
  let browser: Browser;

  beforeAll(async () => {
    if (!CHROMIUM) throw new Error('Chromium is missing; on Debian: apt-get install chromium');
    gateway = await startTestGateway();
    ledger = await sampleLedger(gateway);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  test('loads nothing from another host, breaks no rule of its own policy, and answers a query', async () => {
    const page = await browser.newPage();
    const asked: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => {
      if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    const result = (text: string) => page.locator('.result-window', { hasText: text }).first().waitFor();
    await page.goto(`${gateway.url}/?query=${encodeURIComponent('{ viewer { name } }')}`);
    await page.locator('.graphiql-container').first().waitFor();
    await page.locator('button.graphiql-execute-button').click();
    await result('Sign in first.');
    await page.getByRole('button', { name: 'Headers' }).click();
    await page.locator('.graphiql-editor-tool .monaco-editor:visible').last().click();
    await page.keyboard.insertText(JSON.stringify({ Authorization: `Bearer ${ledger.analyst.token}` }));
    await page.locator('button.graphiql-execute-button').click();
    await result(ledger.analyst.name);
    const foreign = asked.filter((url) => !url.startsWith(gateway.url) && !/^(data|blob):/.test(url));
    expect(foreign).toEqual([]);
    expect(complaints).toEqual([]);
    if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });
  });
});
