import { X509Certificate } from 'node:crypto';
import { CertificateUnreadable, readCertificate } from './read-certificate';

// Self-signed for this test; the keys were thrown away. The first one's common name tries to spell a second attribute,
// and it has a relative name of two parts. The second is RSA and of X.509 version 1.
const P256 = `-----BEGIN CERTIFICATE-----
MIICHjCCAcWgAwIBAgIGAPHi08S1MAoGCCqGSM49BAMCMGsxCzAJBgNVBAYTAkRF
MRgwFgYDVQQKDA9Nw7xsbGVyLCBTw7ZobmUxIDAMBgNVBAsMBVNhbGVzMBAGCgmS
JomT8ixkAQEMAnU3MSAwHgYDVQQDDBdwb3J0YWwuZXhhbXBsZSxDTj1hZG1pbjAg
Fw0yNjExMjIyMDUxNDlaGA8yMTI2MTAyOTIwNTE0OVowazELMAkGA1UEBhMCREUx
GDAWBgNVBAoMD03DvGxsZXIsIFPDtmhuZTEgMAwGA1UECwwFU2FsZXMwEAYKCZIm
iZPyLGQBAQwCdTcxIDAeBgNVBAMMF3BvcnRhbC5leGFtcGxlLENOPWFkbWluMFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEalDGJy/qfB1xDHb4ceoglFi3WVp9sDzv
vaGJ6LTxajmJH73+pABjItIiAsArAMvbuPeIvXQVpinFAirc5lDZy6NTMFEwHQYD
VR0OBBYEFGutdOqAFZFDC7YenvnWjsVQJzb8MB8GA1UdIwQYMBaAFGutdOqAFZFD
C7YenvnWjsVQJzb8MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIg
Tq4COo5NAT40JHE5FhoPGYIgD6zyjqr/iXcvWktKkosCIDMlthuHWN1cBVgamoI8
mE9D1+Y9o9WY8xSpNnarIg46
-----END CERTIFICATE-----
`;
const RSA = `-----BEGIN CERTIFICATE-----
MIIC6jCCAdICAREwDQYJKoZIhvcNAQELBQAwOjELMAkGA1UEBhMCTkwxGDAWBgNV
BAoMD0V4YW1wbGUgVGVsZWNvbTERMA8GA1UEAwwIY2xpZW50LTcwIBcNMjYxMTIy
MjA1MDUwWhgPMjA3NjAzMDQyMDUwNTBaMDoxCzAJBgNVBAYTAk5MMRgwFgYDVQQK
DA9FeGFtcGxlIFRlbGVjb20xETAPBgNVBAMMCGNsaWVudC03MIIBIjANBgkqhkiG
9w0BAQEFAAOCAQ8AMIIBCgKCAQEAj6KLPBKF0rHtKLVxElxjL+NieE+vuyRq9+MB
S+D84CL51ToaWvvs/z+xn8bnwLW/JA14Q9Fu5jT5ShR/W2E6KtYh3q3bmBDsgz7o
PGHrp4n4hwnF+HZRsTB6CDu1tiN3SE7amg7l7D0lHxz1OZR8KlX05UnOz9SdmJXG
zAp1CkSmW2E/VF2JR+Qfg0u/BaxRBQI+biUYsoOXh6q6a/Xbr1N6criR++4vWoD5
9D+6WT/LuG2SuxvuD1e8GaULrGHO8Ay3VgFif9X43wOXel3JKVAM/CHdimdDM+Jt
+VgUkDeaHqw7uruHJ59ZhSJcdZ7z7at0WqDAvQOAhgbplkqOnQIDAQABMA0GCSqG
SIb3DQEBCwUAA4IBAQA6GryIcrau8Q6qdirzOQzB86DdcHBTKKnL6XM0tdWtSTCt
b3Bob4VfQoG+KQpkCcneX/Qo89Yflzj6qxGGqAl/C1oQssEoG29R4tWGM3VHA1y7
YLfzi4QDVS1rTwmpWbKJ50xzvVWoKz5AUd6ehOp2XHB+qOGRLv3mkkclQYMAKQWI
9dQZrVgPLde8m4xlujjoSlq7AvPBrJGfKZxAM8NUU5ZzieTydRvQZGsqq+otci4/
I0Vl+u5VVNrZ5JZpDKBEaNhJ36yaDB+69aA6mNHitwOZYAUvx+cnjkFvOQazf5Vr
ZuhLokc1Mp5+NWUcHIZK8tZNrvksSQUsobh2TvOH
-----END CERTIFICATE-----
`;

test('a P-256 certificate is read, and a name cannot pass for more than it is', () => {
  expect(readCertificate(P256)).toEqual({
    subject: 'CN=portal.example\\,CN\\=admin,OU=Sales+UID=u7,O=Müller\\, Söhne,C=DE',
    issuer: 'CN=portal.example\\,CN\\=admin,OU=Sales+UID=u7,O=Müller\\, Söhne,C=DE',
    serialNumber: '00f1e2d3c4b5',
    notBefore: new Date('2026-11-22T20:51:49.000Z'),
    notAfter: new Date('2126-10-29T20:51:49.000Z'),
    fingerprint: '9380b631d30ee5147f2e65950534209cfe0d325de1b96600be7218c483756d59',
    thumbprint: Buffer.from('9380b631d30ee5147f2e65950534209cfe0d325de1b96600be7218c483756d59', 'hex').toString(
      'base64url',
    ),
  });
});

test('an RSA certificate of version 1 is read', () => {
  const { subject, serialNumber, notAfter } = readCertificate(RSA);
  expect(subject).toBe('CN=client-7,O=Example Telecom,C=NL');
  expect(serialNumber).toBe('11');
  expect(notAfter).toEqual(new Date('2076-03-04T20:50:50.000Z'));
});

test.each([
  ['P-256', P256],
  ['RSA', RSA],
])('what is read of the %s certificate agrees with what OpenSSL reads', (_, pem) => {
  const ours = readCertificate(pem);
  const theirs = new X509Certificate(pem);
  expect(ours.fingerprint).toBe(theirs.fingerprint256.replaceAll(':', '').toLowerCase());
  expect(ours.notBefore).toEqual(new Date(theirs.validFrom));
  expect(ours.notAfter).toEqual(new Date(theirs.validTo));
  expect(BigInt(`0x${ours.serialNumber}`)).toBe(BigInt(`0x${theirs.serialNumber}`));
});

test('anything but exactly one certificate is refused', () => {
  const body = P256.split('\n').slice(1, -2);
  const damaged = ['-----BEGIN CERTIFICATE-----', ...body.slice(2), '-----END CERTIFICATE-----', ''].join('\n');
  const relabelled = P256.replaceAll('CERTIFICATE', 'CERTIFICATE REQUEST');
  for (const text of ['', 'text', damaged, relabelled, P256 + RSA, P256.slice(0, 300), body.join('\n')]) {
    expect(() => readCertificate(text)).toThrow(CertificateUnreadable);
  }
});

test('no cut of a certificate is more than unreadable', () => {
  const der = new X509Certificate(P256).raw;
  for (let length = 0; length < der.length; length++) {
    const cut = `-----BEGIN CERTIFICATE-----\n${der.toString('base64', 0, length)}\n-----END CERTIFICATE-----\n`;
    expect(() => readCertificate(cut)).toThrow(CertificateUnreadable);
  }
});
