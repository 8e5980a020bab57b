import { type CommandLine, EXIT, type ExitCode } from '../../command-line';
import { withCore } from '../../with-core';

/** Prints the public keys that heads of the log are signed with: in PEM form, or as a JWK set. */
export function showAuditKey(line: CommandLine, asJson: boolean): Promise<ExitCode> {
  return withCore(line, async ({ audit }) => {
    line.out(asJson ? `${JSON.stringify(audit.signer.jwks(), null, 2)}\n` : audit.signer.pem());
    return EXIT.fine;
  });
}
