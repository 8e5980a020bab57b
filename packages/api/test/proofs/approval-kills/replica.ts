import path from 'node:path';
import { GatewayProcess } from '../../harness/gateway-process';
import type { TestGateway } from '../../harness/test-gateway';

/** One of the gateways on a database that is killed and started again, at the same place with the same secrets. */
export class Replica {
  /** Where it answers; null while it does not. */
  url: string | null = null;
  /** What all its processes have written. */
  output = '';
  kills = 0;
  private process: GatewayProcess | null = null;
  private onSigning: (() => void) | null = null;

  constructor(
    readonly name: string,
    private readonly home: TestGateway,
    private readonly folder: string,
  ) {}

  get anchor(): string {
    return path.join(this.folder, this.name, 'audit-anchor.ndjson');
  }

  /** Starts it; answers from `url` on when that is awaited. */
  start(): GatewayProcess {
    this.process = new GatewayProcess({
      DATABASE_URL: this.home.database.gatewayUrl,
      ROOT_SECRET_FILE: path.join(this.home.dataDir, 'root-secret'),
      DATA_DIR: path.join(this.folder, this.name),
      AUDIT_CHECKPOINT_SECONDS: '1',
      COMPILED_SOURCES: path.join(this.folder, 'compiled'),
      LOG_LEVEL: 'warn',
    });
    return this.process;
  }

  async answering(): Promise<void> {
    this.url = await this.process!.url();
  }

  /** Calls once when the next signature is on its way to this gateway. */
  atNextSignature(call: () => void): void {
    this.onSigning = call;
  }

  signs(): void {
    const call = this.onSigning;
    this.onSigning = null;
    call?.();
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | string> {
    const ending = this.process!;
    this.url = null;
    this.onSigning = null;
    ending.kill(signal);
    if (signal === 'SIGKILL') this.kills += 1;
    const code = await ending.ended;
    this.output += ending.output;
    return code;
  }
}
