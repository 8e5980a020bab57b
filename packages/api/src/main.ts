import { readSettings, SettingsInvalid } from './settings';

try {
  const { mode } = readSettings();
  console.error(`There is no gateway to start in ${mode} mode yet.`);
} catch (error) {
  if (!(error instanceof SettingsInvalid)) throw error;
  console.error(error.message);
}
process.exitCode = 1;
