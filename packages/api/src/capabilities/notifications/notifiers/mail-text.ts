import type { Message } from './notifier';

/** What has happened, in the words of a subject line. */
const WORDS: Readonly<Record<string, string>> = {
  'change.submitted': 'A change waits for your signature',
  'change.level-opened': 'A change waits for your signature',
  'change.escalated': 'A change has waited long for a signature',
  'change.signed': 'Your change has been signed',
  'change.rejected': 'Your change has been rejected',
  'change.withdrawn': 'A change has been withdrawn',
  'change.expired': 'Your change was not signed in time',
  'change.conflicted': 'Your change could not be carried out',
  'change.applied': 'Your change has been applied',
  'change.commented': 'Somebody has commented on a change',
  'break-glass.opened': 'Somebody has taken rights in an emergency',
  'break-glass.closed': 'Rights that were lent in an emergency have been ended',
  'break-glass.expired': 'Rights that were lent in an emergency have run out',
  'break-glass.reviewed': 'Rights that were lent to you have been reviewed',
};

/** A name of the catalogue as it may stand in a mail. Custom entities are named by people. */
const plain = (name: string) => name.replace(/[^A-Za-z0-9_.-]/g, '');

/**
 * The subject line and the text of a mail. INVARIANT: every word is ours or an id: mails lie about in mailboxes, where no
 * right is asked for.
 */
export function mailText(
  { event, happenedAt, subject, status, objectName }: Message,
  publicUrl: string | null,
): { readonly subject: string; readonly text: string } {
  const said = WORDS[event] ?? `${plain(event)}`;
  const lines = [
    `${said}.`,
    '',
    ...(objectName === null ? [] : [`Object: ${plain(objectName)}`]),
    ...(status === null ? [] : [`Status: ${plain(status)}`]),
    `Id: ${plain(subject)}`,
    `At: ${happenedAt}`,
    '',
    `Sign in${publicUrl === null ? '' : ` at ${publicUrl}`} to see what you may see of it.`,
  ];
  return { subject: `Countersign: ${said}`, text: `${lines.join('\n')}\n` };
}
