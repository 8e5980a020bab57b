import * as forge from 'node-forge';
import { sha256 } from '../canonical/sha256';

/** What an X.509 certificate (RFC 5280) says about itself. Nothing of it is verified here. */
export interface CertificateFacts {
  /** Distinguished names in the form of RFC 4514, most specific part first: `CN=portal,O=Example,C=DE`. */
  readonly subject: string;
  readonly issuer: string;
  /** Lower-case hex. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SHA-256 of the DER bytes as lower-case hex. */
  readonly fingerprint: string;
  /** The same digest as base64url: `x5t#S256`, by which RFC 8705 §3.1 binds a token to a client certificate. */
  readonly thumbprint: string;
}

/** Thrown for text that is not exactly one X.509 certificate in PEM form. */
export class CertificateUnreadable extends Error {
  override readonly name = 'CertificateUnreadable';

  constructor() {
    super('not exactly one X.509 certificate in PEM form');
  }
}

/**
 * Reads one certificate. Throws CertificateUnreadable for anything else, chains included.
 * Walks the ASN.1 itself, because node-forge's own certificate reader knows RSA keys only and refuses P-256 ones.
 */
export function readCertificate(pem: string): CertificateFacts {
  try {
    const messages = forge.pem.decode(pem);
    if (messages.length !== 1 || messages[0]!.type !== 'CERTIFICATE') throw new CertificateUnreadable();
    const der = Buffer.from(messages[0]!.body, 'binary');
    return factsOf(der);
  } catch {
    throw new CertificateUnreadable();
  }
}

function factsOf(der: Buffer): CertificateFacts {
  const tbs = partsOf(partsOf(forge.asn1.fromDer(der.toString('binary')))[0]);
  // TBSCertificate starts with an explicitly tagged version, which version 1 leaves out (RFC 5280 §4.1).
  const first = tbs[0]?.tagClass === forge.asn1.Class.CONTEXT_SPECIFIC ? 1 : 0;
  const [serial, , issuer, validity, subject] = tbs.slice(first);
  const [notBefore, notAfter] = partsOf(validity);
  const digest = sha256(der);
  return {
    subject: nameOf(subject),
    issuer: nameOf(issuer),
    serialNumber: Buffer.from(textOf(serial), 'binary').toString('hex'),
    notBefore: timeOf(notBefore),
    notAfter: timeOf(notAfter),
    fingerprint: digest.toString('hex'),
    thumbprint: digest.toString('base64url'),
  };
}

function partsOf(node: forge.asn1.Asn1 | undefined): forge.asn1.Asn1[] {
  if (node === undefined || !Array.isArray(node.value)) throw new CertificateUnreadable();
  return node.value;
}

function textOf(node: forge.asn1.Asn1 | undefined): string {
  if (node === undefined || typeof node.value !== 'string') throw new CertificateUnreadable();
  return node.value;
}

function timeOf(node: forge.asn1.Asn1 | undefined): Date {
  const text = textOf(node);
  const isUtcTime = node!.type === forge.asn1.Type.UTCTIME;
  const time = isUtcTime ? forge.asn1.utcTimeToDate(text) : forge.asn1.generalizedTimeToDate(text);
  if (Number.isNaN(time.getTime())) throw new CertificateUnreadable();
  return time;
}

function nameOf(node: forge.asn1.Asn1 | undefined): string {
  const relativeNames = partsOf(node).map((set) => partsOf(set).map(attributeOf).join('+'));
  return relativeNames.reverse().join(',');
}

/** Short names of RFC 4514 §3 and the few others that certificates carry; the rest keep their dotted number. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
};

function attributeOf(node: forge.asn1.Asn1): string {
  const [type, value] = partsOf(node);
  const oid = forge.asn1.derToOid(textOf(type));
  return `${SHORT_NAMES[oid] ?? oid}=${escapeValue(decodeText(value))}`;
}

function decodeText(node: forge.asn1.Asn1 | undefined): string {
  const bytes = Buffer.from(textOf(node), 'binary');
  if (node!.type === forge.asn1.Type.BMPSTRING) return bytes.swap16().toString('utf16le');
  return bytes.toString(node!.type === forge.asn1.Type.UTF8 ? 'utf8' : 'latin1');
}

/** RFC 4514 §2.4: without it a name could spell out further attributes and pass for somebody else's. */
function escapeValue(value: string): string {
  return value
    .replace(/[\\"+,;<>=]/g, '\\$&')
    .replace(/^[ #]/, '\\$&')
    .replace(/ $/, '\\ ')
    .replace(
      /\p{Cc}/gu,
      (control) =>
        `\\${Buffer.from(control, 'utf8')
          .toString('hex')
          .replace(/(..)(?=.)/g, '$1\\')}`,
    );
}
