/**
 * The form in which a password is measured and hashed: NFKC (NIST SP 800-63B §3.1.1.2). The same keys on another
 * keyboard or system may send another sequence of code points for what a person sees as one character.
 */
export function normalisePassword(password: string): string {
  return password.normalize('NFKC');
}
