// Certificates as a caller sees them, and how their keys are kept.

import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import type * as sdk from '@aws-sdk/client-acm'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Call, Checked, Operations } from '#aws/operation.ts'
import { newAuthority } from '#base/x509/authority.ts'
import type { SimulatedClock } from '#base/simulated-clock.ts'
import { seededRandom } from '#base/random.ts'
import { asking, testCall } from '#test/call.ts'
import { refusal } from '#test/refusal.ts'
import { acm } from './index.ts'
import { certificateByArn } from './tables.ts'
import type { CertificateArn } from '#aws/arn.ts'

let call: Call
const ask = asking<Operations<typeof sdk>>(acm, () => call)
beforeEach(() => {
  call = testCall()
})

const request = async (input: Partial<Checked<sdk.RequestCertificateRequest>> = {}) =>
  (await ask('RequestCertificate', { DomainName: 'example.test', KeyAlgorithm: 'EC_prime256v1', ...input }))
    .CertificateArn!
const shown = async (CertificateArn: string) => (await ask('DescribeCertificate', { CertificateArn })).Certificate!
const row = async (arn: string) => (await call.store.read((reader) => certificateByArn(reader, arn as CertificateArn)))!

describe('requesting a certificate', () => {
  it('issues it at once, for all its names', async () => {
    const CertificateArn = await request({
      SubjectAlternativeNames: ['*.example.test', 'EXAMPLE.test'],
      ValidationMethod: 'DNS',
      Tags: [{ Key: 'stage', Value: 'test' }],
    })
    expect(CertificateArn).toMatch(/^arn:aws:acm:eu-west-1:123456789012:certificate\/[0-9a-f-]{36}$/)
    const record = {
      Name: expect.stringMatching(/^_[0-9a-f]{32}\.example\.test\.$/),
      Type: 'CNAME',
      Value: expect.stringMatching(/^_[0-9a-f]{32}\.[0-9a-z]{10}\.acm-validations\.aws\.$/),
    }
    const certificate = await shown(CertificateArn)
    expect(certificate).toMatchObject({
      CertificateArn,
      DomainName: 'example.test',
      SubjectAlternativeNames: ['example.test', '*.example.test'],
      Status: 'ISSUED',
      Type: 'AMAZON_ISSUED',
      Subject: 'CN=example.test',
      Issuer: 'Neargate',
      Serial: expect.stringMatching(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/),
      KeyAlgorithm: 'EC_prime256v1',
      SignatureAlgorithm: 'SHA256WITHECDSA',
      InUseBy: [],
      DomainValidationOptions: [
        { DomainName: 'example.test', ValidationStatus: 'SUCCESS', ValidationMethod: 'DNS', ResourceRecord: record },
        { DomainName: '*.example.test', ValidationStatus: 'SUCCESS', ValidationMethod: 'DNS', ResourceRecord: record },
      ],
    })
    expect(certificate.NotAfter!.toISOString()).toBe('2027-01-31T00:00:00.000Z')
    // A wildcard is proven by the record of its domain.
    const [first, second] = certificate.DomainValidationOptions!
    expect(first!.ResourceRecord).toEqual(second!.ResourceRecord)
    expect((await ask('ListTagsForCertificate', { CertificateArn })).Tags).toEqual([{ Key: 'stage', Value: 'test' }])
  })

  it('makes an RSA key when no other is asked for, and proves names by mail when DNS is not', async () => {
    const { CertificateArn } = await ask('RequestCertificate', {
      DomainName: 'www.example.test',
      DomainValidationOptions: [{ DomainName: 'www.example.test', ValidationDomain: 'example.test' }],
    })
    expect(await shown(CertificateArn!)).toMatchObject({
      KeyAlgorithm: 'RSA-2048',
      DomainValidationOptions: [
        {
          ValidationMethod: 'EMAIL',
          ValidationDomain: 'example.test',
          ValidationEmails: expect.arrayContaining(['admin@example.test']),
        },
      ],
    })
  })

  it('gives what clients believe who trust the authority', async () => {
    const CertificateArn = await request()
    const { Certificate, CertificateChain } = await ask('GetCertificate', { CertificateArn })
    const leaf = new X509Certificate(Certificate!)
    expect(CertificateChain).toBe(call.authority.rootPem)
    expect(leaf.verify(new X509Certificate(CertificateChain!).publicKey)).toBe(true)
    expect(leaf.checkHost('example.test')).toBe('example.test')
  })

  it('keeps the key sealed: nobody reads it from the store, or without the vault', async () => {
    const CertificateArn = await request()
    const kept = await row(CertificateArn)
    const pem = call.vault.open(kept.sealedKey, kept.arn)
    expect(new X509Certificate(kept.body).checkPrivateKey(createPrivateKey(pem))).toBe(true)
    expect(JSON.stringify(kept)).not.toContain('PRIVATE KEY')
    const answers = JSON.stringify([
      await shown(CertificateArn),
      await ask('GetCertificate', { CertificateArn }),
      await ask('ListCertificates', { Includes: { keyTypes: ['EC_prime256v1'] } }),
    ])
    expect(answers).not.toContain('PRIVATE KEY')
    expect(answers).not.toContain(kept.sealedKey)
  })

  it('makes one certificate for the same token and names within an hour', async () => {
    const first = await request({ IdempotencyToken: 'once' })
    expect(await request({ IdempotencyToken: 'once' })).toBe(first)
    expect(await request({ IdempotencyToken: 'once', DomainName: 'other.test' })).not.toBe(first)
    const [one, two] = await Promise.all([request({ IdempotencyToken: 'now' }), request({ IdempotencyToken: 'now' })])
    expect(one).toBe(two)
    await (call.clock as SimulatedClock).advance(3600)
    expect(await request({ IdempotencyToken: 'once' })).not.toBe(first)
  })

  it.each<[Partial<Checked<sdk.RequestCertificateRequest>>, string]>([
    [{ DomainName: `${'x'.repeat(60)}.test.com` }, 'InvalidDomainValidationOptionsException'],
    [{ SubjectAlternativeNames: Array.from({ length: 10 }, (_, index) => `n${index}.test`) }, 'LimitExceededException'],
    [{ CertificateAuthorityArn: 'x' }, 'InvalidArnException'],
    [{ KeyAlgorithm: 'RSA_4096' }, 'InvalidParameterException'],
    [
      { DomainValidationOptions: [{ DomainName: 'example.test', ValidationDomain: 'other.test' }] },
      'InvalidDomainValidationOptionsException',
    ],
    [{ Tags: [{ Key: 'aws:x' }] }, 'InvalidTagException'],
  ])('is refused as %j', async (input, code) => {
    await expect(request(input)).rejects.toMatchObject({ code })
  })
})

describe('importing a certificate', () => {
  const bytes = (text: string) => Buffer.from(text)
  const keyText = (key: ReturnType<typeof generateKeyPairSync>['privateKey']) =>
    (key as unknown as { export(options: object): string }).export({ type: 'pkcs8', format: 'pem' })
  const made = (type: 'rsa' | 'ec' = 'ec', names = ['imported.test', 'www.imported.test'], days = 30) => {
    const { publicKey, privateKey } =
      type === 'ec'
        ? generateKeyPairSync('ec', { namedCurve: 'P-384' })
        : generateKeyPairSync('rsa', { modulusLength: 2048 })
    const authority = newAuthority({ clock: call.clock, random: seededRandom(3) })
    const Certificate = bytes(authority.issue(publicKey, names, days))
    return { Certificate, PrivateKey: bytes(keyText(privateKey)), CertificateChain: bytes(authority.rootPem) }
  }

  it('shows it as imported, and gives back what was put in', async () => {
    const input = made()
    const CertificateArn = (await ask('ImportCertificate', input)).CertificateArn!
    expect(await shown(CertificateArn)).toMatchObject({
      Type: 'IMPORTED',
      Status: 'ISSUED',
      DomainName: 'imported.test',
      SubjectAlternativeNames: ['imported.test', 'www.imported.test'],
      KeyAlgorithm: 'EC_secp384r1',
      ImportedAt: call.clock.now(),
      RenewalEligibility: 'INELIGIBLE',
    })
    expect(await ask('GetCertificate', { CertificateArn })).toEqual({
      Certificate: input.Certificate.toString(),
      CertificateChain: input.CertificateChain.toString(),
    })
    await expect(ask('RenewCertificate', { CertificateArn })).rejects.toMatchObject({ code: 'ValidationException' })
  })

  it('takes another certificate in the place of an earlier one, which keeps its ARN and tags', async () => {
    const first = (await ask('ImportCertificate', { ...made(), Tags: [{ Key: 'a' }] })).CertificateArn!
    const second = made('ec', ['new.test'])
    expect(await ask('ImportCertificate', { ...second, CertificateArn: first })).toEqual({ CertificateArn: first })
    expect(await shown(first)).toMatchObject({ DomainName: 'new.test', KeyAlgorithm: 'EC_secp384r1' })
    await expect(ask('ImportCertificate', { ...made('rsa'), CertificateArn: first })).rejects.toEqual(
      refusal('ValidationException', 'The key type and size of a certificate cannot be changed when reimporting it.'),
    )
    await expect(
      ask('ImportCertificate', { ...made('ec', ['localhost']), CertificateArn: first }),
    ).rejects.toMatchObject({
      message: expect.stringContaining('must have a fully-qualified domain name'),
    })
    expect((await ask('ListTagsForCertificate', { CertificateArn: first })).Tags).toEqual([{ Key: 'a' }])
    await expect(ask('ImportCertificate', { ...second, CertificateArn: first, Tags: [{ Key: 'b' }] })).rejects.toEqual(
      refusal('ValidationException', 'You cannot apply tags when reimporting a certificate.'),
    )
    await expect(ask('ImportCertificate', { ...second, CertificateArn: await request() })).rejects.toMatchObject({
      code: 'ValidationException',
    })
  })

  it('refuses a key of another certificate, and says nothing of either', async () => {
    for (const type of ['ec', 'rsa'] as const) {
      const other = made(type)
      await expect(ask('ImportCertificate', { ...made(), PrivateKey: other.PrivateKey })).rejects.toEqual(
        refusal('ValidationException', 'The certificate and the private key do not match.'),
      )
    }
  })

  it('refuses what is no certificate, no key, encrypted, too old, too many, or not of its chain', async () => {
    const good = made()
    const attempt = (change: object) => ask('ImportCertificate', { ...good, ...change })
    await expect(attempt({ Certificate: bytes('nonsense') })).rejects.toMatchObject({
      message: expect.stringContaining('not in a valid PEM format'),
    })
    await expect(attempt({ PrivateKey: bytes('nonsense') })).rejects.toEqual(
      refusal('ValidationException', 'The private key is not in a valid PEM format.'),
    )
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const locked = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    await expect(attempt({ PrivateKey: bytes(String(locked)) })).rejects.toMatchObject({
      message: expect.stringContaining('encrypted'),
    })
    const twice = bytes(good.Certificate.toString() + good.Certificate.toString())
    await expect(attempt({ Certificate: twice })).rejects.toEqual(
      refusal(
        'ValidationException',
        'The certificate field contains more than one certificate. You can specify only one certificate in this field.',
      ),
    )
    await expect(attempt({ CertificateChain: made().CertificateChain })).rejects.toEqual(
      refusal('ValidationException', 'Could not validate the certificate with the certificate chain.'),
    )
    const old = made('ec', ['old.test'], 1)
    await (call.clock as SimulatedClock).advance(2 * 86_400)
    await expect(ask('ImportCertificate', old)).rejects.toMatchObject({ message: expect.stringContaining('expired') })
  })
})

describe('certificates', () => {
  it('are listed newest first, in pages, by status and kind of key', async () => {
    const arns: string[] = []
    for (const DomainName of ['a.test', 'b.test', 'c.test']) {
      arns.push(await request({ DomainName }))
      await (call.clock as SimulatedClock).advance(60)
    }
    const Includes: sdk.Filters = { keyTypes: ['EC_prime256v1'] }
    const names = async (input: object = {}) =>
      (await ask('ListCertificates', { Includes, ...input })).CertificateSummaryList!.map((one) => one.DomainName)
    expect(await names()).toEqual(['c.test', 'b.test', 'a.test'])
    // Without a word about keys, AWS lists RSA keys only.
    expect(await names({ Includes: undefined })).toEqual([])
    expect(await names({ SortBy: 'CREATED_AT', SortOrder: 'ASCENDING' })).toEqual(['a.test', 'b.test', 'c.test'])
    expect(await names({ CertificateStatuses: ['EXPIRED'] })).toEqual([])
    expect(await names({ Includes: { keyTypes: ['RSA_2048'] } })).toEqual([])
    const page = await ask('ListCertificates', { Includes, MaxItems: 2 })
    expect(await names({ MaxItems: 2, NextToken: page.NextToken })).toEqual(['a.test'])
    await expect(names({ NextToken: 'x' })).rejects.toMatchObject({ code: 'ValidationException' })
    await (call.clock as SimulatedClock).advance(396 * 86_400)
    expect(await names({ CertificateStatuses: ['EXPIRED'] })).toHaveLength(3)
  })

  it('are issued anew under the same ARN', async () => {
    const CertificateArn = await request()
    const before = await shown(CertificateArn)
    await (call.clock as SimulatedClock).advance(86_400)
    await ask('RenewCertificate', { CertificateArn })
    const after = await shown(CertificateArn)
    expect(after).toMatchObject({ DomainName: 'example.test', CreatedAt: before.CreatedAt })
    expect(after.Serial).not.toBe(before.Serial)
    expect(after.NotAfter! > before.NotAfter!).toBe(true)
    const kept = await row(CertificateArn)
    const key = createPrivateKey(call.vault.open(kept.sealedKey, kept.arn))
    expect(new X509Certificate(kept.body).checkPrivateKey(key)).toBe(true)
  })

  it('have tags and options, and go', async () => {
    const CertificateArn = await request()
    await ask('AddTagsToCertificate', { CertificateArn, Tags: [{ Key: 'a', Value: '1' }, { Key: 'b' }] })
    await ask('RemoveTagsFromCertificate', { CertificateArn, Tags: [{ Key: 'a', Value: '2' }, { Key: 'b' }] })
    expect((await ask('ListTagsForCertificate', { CertificateArn })).Tags).toEqual([{ Key: 'a', Value: '1' }])
    const Options = { CertificateTransparencyLoggingPreference: 'DISABLED' } as const
    await ask('UpdateCertificateOptions', { CertificateArn, Options })
    expect((await shown(CertificateArn)).Options).toEqual(Options)
    await ask('DeleteCertificate', { CertificateArn })
    await expect(shown(CertificateArn)).rejects.toEqual(
      refusal('ResourceNotFoundException', `Could not find certificate ${CertificateArn}.`),
    )
  })

  it('of another region are not there', async () => {
    const CertificateArn = await request()
    call = { ...call, scope: { ...call.scope, region: 'us-east-1' } }
    await expect(shown(CertificateArn)).rejects.toMatchObject({ code: 'ResourceNotFoundException' })
    const Includes: sdk.Filters = { keyTypes: ['EC_prime256v1'] }
    expect((await ask('ListCertificates', { Includes })).CertificateSummaryList).toEqual([])
  })
})
