import { X509Certificate } from 'node:crypto';
import { makeCertificate } from './certificates';

it('a certificate is for its name and for this machine, and its key is its own', async () => {
  const { key, cert } = await makeCertificate('api.dingtalk.test');
  const certificate = new X509Certificate(cert);
  expect(certificate.checkHost('api.dingtalk.test')).toBe('api.dingtalk.test');
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(key).toContain('PRIVATE KEY');
  expect(new Date(certificate.validTo).getTime()).toBeGreaterThan(Date.now());
});
