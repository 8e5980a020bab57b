import { randomInt } from 'node:crypto';

/** No vowels, so no words; none of the characters that are mistaken for one another when read out or copied. */
const ALPHABET = '23456789bcdfghjkmnpqrstvwxz';
const GROUPS = 4;
const GROUP_LENGTH = 5;

/** A random password that is easy to read and type, such as `x7kpm-2wqzt-9hbcd-rfv4n`: 20 of 27 characters, 95 bits. */
export function generatePassword(): string {
  const group = () => Array.from({ length: GROUP_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return Array.from({ length: GROUPS }, group).join('-');
}
