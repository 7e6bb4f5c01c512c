import { generate } from 'selfsigned';

const DAY = 24 * 60 * 60 * 1000;
const [DNS, IP] = [2, 7] as const;

interface Certificate {
  key: string;
  cert: string;
}

/** A certificate that signed itself, for this machine and whatever other name it is to have. */
export async function makeCertificate(name = '127.0.0.1'): Promise<Certificate> {
  const names = name === '127.0.0.1' ? [] : [{ type: DNS, value: name } as const];
  const { private: key, cert } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + DAY),
    extensions: [{ name: 'subjectAltName', altNames: [...names, { type: IP, ip: '127.0.0.1' }] }],
  });
  return { key, cert };
}
