import { type AuditVerification, type Finding, verifyAudit } from '../../../capabilities/audit';
import { type CommandLine, EXIT, type ExitCode } from '../../command-line';
import { withCore } from '../../with-core';

const MOST_SHOWN = 100;

/** Verifies the log of the database that the settings name, and with `records` every record against its traces. */
export function verifyLiveAudit(
  line: CommandLine,
  { records, asJson }: { readonly records: boolean; readonly asJson: boolean },
): Promise<ExitCode> {
  return withCore(line, async ({ database, audit, settings, snapshots }) => {
    const { snapshot } = await snapshots.current();
    const { catalogue } = snapshot;
    const { anchorFile } = settings.audit;
    const done = await verifyAudit({ pool: database.pool, desk: audit, anchorFile, catalogue }, { records });
    if (asJson) line.out(`${JSON.stringify(done, null, 2)}\n`);
    else line.out(inWords(done));
    if (done.anchors.length === 0)
      line.err('No anchor was found: an older backup of the database would not be noticed.\n');
    return done.found > 0 ? EXIT.found : EXIT.fine;
  });
}

function inWords({ log, records, tailSeconds, anchors, found, findings }: AuditVerification): string {
  const lines = [
    ...findings.slice(0, MOST_SHOWN).map(findingInWords),
    ...(found > MOST_SHOWN ? [`… and ${found - MOST_SHOWN} more`] : []),
    `${log.leaves} entries in the log under ${log.heads} heads, anchored up to ${log.anchored}` +
      `${anchors.length > 0 ? ` by ${anchors.join(' and ')}` : ''}; ${log.queued} wait (tail ${tailSeconds} s)` +
      `${log.withoutValues > 0 ? `; retention removed the values of ${log.withoutValues}` : ''}`,
    ...(records === null
      ? []
      : [
          `${records.records} records compared with their traces` +
            `${records.untold > 0 ? `; ${records.untold} fields cannot be: their values were removed` : ''}`,
        ]),
    found === 0 ? 'Everything is as it was signed.' : `${found} finding(s).`,
  ];
  return lines.map((text) => `${text}\n`).join('');
}

function findingInWords({ kind, message, entries, positions, record }: Finding): string {
  const place = [
    ...(record === undefined ? [] : [record]),
    ...(positions === undefined
      ? []
      : [
          positions[1] - positions[0] === 1
            ? `position ${positions[0]}`
            : `positions ${positions[0]} to ${positions[1] - 1}`,
        ]),
    ...(record === undefined && entries?.length ? [`entry ${entries.slice(0, 8).join(', ')}`] : []),
  ];
  return `${kind}: ${place.join(', ')}${place.length > 0 ? ': ' : ''}${message}`;
}
