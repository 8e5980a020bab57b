import { type TotpAlgorithm, totp } from '../src/index';
import { testVectors } from './published-vectors';

interface Code {
  counter: number;
  step: number;
  time: number;
  digits: number;
  algorithm: TotpAlgorithm;
  secretAscii: string;
  hotp: string;
  totp: string;
}

testVectors(
  'All 28 codes of RFC 4226 appendix D and RFC 6238 appendix B are computed as published',
  'otp/rfc4226_rfc6238.json',
  (file: { hotp: Code[]; totp: Code[] }) => {
    for (const { secretAscii, counter, digits, algorithm, hotp } of file.hotp) {
      expect(totp(Buffer.from(secretAscii, 'ascii'), counter, digits, algorithm)).toBe(hotp);
    }
    for (const { secretAscii, time, digits, algorithm, totp: code } of file.totp) {
      expect(totp(Buffer.from(secretAscii, 'ascii'), Math.floor(time / 30), digits, algorithm)).toBe(code);
    }
    expect(file.hotp.length + file.totp.length).toBe(28);
    return { hotp: file.hotp.length, totp: file.totp.length };
  },
);
