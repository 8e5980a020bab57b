import { readFileSync } from 'node:fs';
import { type RootSecret, type StatementSigner, StatementVerifier } from '@countersign/crypto';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { SettingsInvalid } from '../../settings';
import type { AuditAnchor } from './anchors/audit-anchor';
import { FileAnchor } from './anchors/file-anchor';
import { WitnessAnchor } from './anchors/witness-anchor';
import { AuditGate } from './log/audit-gate';
import { LogKeeper } from './log/log-keeper';

/** How the log is kept. */
export interface LogSettings {
  readonly checkpointSeconds: number;
  readonly tailLimitSeconds: number;
  /** Absolute. */
  readonly anchorFile: string;
  readonly witnessUrl?: string;
  /** The witness's public key in PEM form; without it the address alone is trusted. */
  readonly witnessKeyFile?: string;
}

/** The log of one gateway or command: its key, its anchors, who keeps it, and what it closes. */
export interface AuditDesk {
  readonly signer: StatementSigner;
  readonly anchors: readonly AuditAnchor[];
  readonly gate: AuditGate;
  readonly keeper: LogKeeper;
}

export interface DeskDeps {
  readonly pool: Pool;
  readonly root: RootSecret;
  readonly settings: LogSettings;
  readonly now: () => Date;
  readonly log: Logger;
  /** Counts milliseconds and never goes back. */
  readonly ticks: () => number;
}

/** Sets up the log over its anchors; nothing runs until the keeper is started. Throws SettingsInvalid for a witness key that is none. */
export function openAuditDesk({ pool, root, settings, now, log, ticks }: DeskDeps): AuditDesk {
  const signer = root.statements('audit-heads');
  const anchors: AuditAnchor[] = [new FileAnchor(settings.anchorFile)];
  const { witnessUrl, witnessKeyFile } = settings;
  if (witnessUrl !== undefined) {
    anchors.push(new WitnessAnchor(witnessUrl, witnessKeyFile === undefined ? null : readKeys(witnessKeyFile)));
  }
  const gate = new AuditGate(settings.tailLimitSeconds * 1000, ticks);
  return { signer, anchors, gate, keeper: new LogKeeper({ pool, signer, now, anchors, gate, log, ticks }) };
}

function readKeys(file: string): StatementVerifier {
  try {
    return StatementVerifier.fromPem(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new SettingsInvalid([`AUDIT_WITNESS_KEY_FILE ${file} cannot be used: ${(error as Error).message}`]);
  }
}
