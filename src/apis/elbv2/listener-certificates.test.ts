// The certificates and security policies of listeners as a caller sees them.

import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '#base/random.ts'
import { newAuthority } from '#base/x509/authority.ts'
import { ask, askAcm, certificate, fixed, LoadBalancerArn, vpc } from '#test/listener-calls.ts'
import { refusal } from '#test/refusal.ts'

describe('the certificates of a listener', () => {
  const https = async (arn: string) =>
    (
      await vpc.listener(LoadBalancerArn, {
        Protocol: 'HTTPS',
        Port: 443,
        DefaultActions: [fixed()],
        Certificates: [{ CertificateArn: arn }],
      })
    ).ListenerArn

  it('are added, shown with the default one, and taken away', async () => {
    const [first, second] = [await certificate(), await certificate('two.test')]
    const ListenerArn = await https(first)
    const Certificates = [{ CertificateArn: second }]
    expect(await ask('AddListenerCertificates', { ListenerArn, Certificates })).toEqual({
      Certificates: [{ CertificateArn: second, IsDefault: false }],
    })
    expect((await ask('DescribeListenerCertificates', { ListenerArn })).Certificates).toEqual([
      { CertificateArn: first, IsDefault: true },
      { CertificateArn: second, IsDefault: false },
    ])
    await expect(askAcm('DeleteCertificate', { CertificateArn: second })).rejects.toMatchObject({
      code: 'ResourceInUseException',
    })
    await expect(
      ask('RemoveListenerCertificates', { ListenerArn, Certificates: [{ CertificateArn: first }] }),
    ).rejects.toEqual(refusal('OperationNotPermittedException', 'Default certificate cannot be removed'))
    await ask('RemoveListenerCertificates', { ListenerArn, Certificates })
    await askAcm('DeleteCertificate', { CertificateArn: second })
  })

  it.each([
    ['with a short key', 1024, 'imported.test'],
    ['without a full name', 2048, 'localhost'],
  ])('are none %s', async (_, modulusLength, name) => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength })
    const authority = newAuthority({ clock: vpc.call.clock, random: seededRandom(3) })
    const { CertificateArn } = await askAcm('ImportCertificate', {
      Certificate: Buffer.from(authority.issue(publicKey, [name], 30)),
      PrivateKey: Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    })
    const unsupported = refusal(
      'UnsupportedCertificate',
      `The certificate '${CertificateArn}' must have a fully-qualified domain name, a supported signature, and a supported key size.`,
    )
    await expect(https(CertificateArn!)).rejects.toEqual(unsupported)
    const ListenerArn = await https(await certificate())
    await expect(
      ask('AddListenerCertificates', { ListenerArn, Certificates: [{ CertificateArn: CertificateArn! }] }),
    ).rejects.toEqual(unsupported)
  })

  it('must be there, be of this region, and be no more than AWS takes', async () => {
    const first = await certificate()
    const ListenerArn = await https(first)
    const add = (...arns: string[]) =>
      ask('AddListenerCertificates', { ListenerArn, Certificates: arns.map((arn) => ({ CertificateArn: arn })) })
    const missing = first.replace(/[^/]+$/, '00000000-0000-0000-0000-000000000000')
    await expect(add(missing)).rejects.toEqual(
      refusal('CertificateNotFoundException', `Certificate '${missing}' not found`),
    )
    await expect(add(first.replace('eu-west-1', 'us-east-1'))).rejects.toMatchObject({
      code: 'CertificateNotFoundException',
    })
    await expect(add('x')).rejects.toEqual(refusal('ValidationError', "'x' is not a valid certificate ARN"))
    const many: string[] = []
    for (let count = 0; count < 26; count++) many.push(await certificate(`c${count}.test`))
    await expect(add(...many)).rejects.toMatchObject({ code: 'TooManyCertificatesException' })
    await add(...many.slice(1))
    const plain = await vpc.listener(LoadBalancerArn, { DefaultActions: [fixed()] })
    await expect(
      ask('AddListenerCertificates', {
        ListenerArn: plain.ListenerArn,
        Certificates: [{ CertificateArn: first }],
      }),
    ).rejects.toMatchObject({ code: 'InvalidConfigurationRequestException' })
  })
})

describe('security policies', () => {
  it('say which protocols and ciphers they allow', async () => {
    const [policy] = (await ask('DescribeSSLPolicies', { Names: ['ELBSecurityPolicy-TLS13-1-2-Res-2021-06'] }))
      .SslPolicies!
    expect(policy!.SslProtocols).toEqual(['TLSv1.3', 'TLSv1.2'])
    expect(policy!.Ciphers![0]).toEqual({ Name: 'TLS_AES_128_GCM_SHA256', Priority: 1 })
    expect((await ask('DescribeSSLPolicies', {})).SslPolicies).toHaveLength(18)
  })
})
