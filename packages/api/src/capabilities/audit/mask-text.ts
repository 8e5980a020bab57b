import type { MaskForm } from '@countersign/schema';

/** What somebody sees of a text who may see it masked: the forms that the planner prints into statements. */
export function maskText(form: MaskForm, text: string): string {
  const characters = [...text];
  switch (form) {
    case 'last4':
      return characters.length >= 8 ? `••••${characters.slice(-4).join('')}` : '••••';
    case 'initial':
      return `${characters[0] ?? ''}•••`;
    case 'email': {
      const at = characters.indexOf('@');
      return at > 0 ? `${characters[0]}•••${characters.slice(at).join('')}` : '•••';
    }
  }
}
