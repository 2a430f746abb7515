// What every load balancer promises about rules: which of them a request finds, and what it is answered there.

import { expect, it } from 'vitest'
import { PORT, redirect, respond, when } from '#test/balancer/plans.ts'
import type { ConditionPlan, RulePlan } from './balancer.ts'
import type { BalancerTools } from './conformance-world.ts'

export const ruleConformance = ({ apply, send }: BalancerTools): void => {
  it('finds the first of many rules that ask for a path, whichever says most of it', async () => {
    const on = (number: number, ...patterns: readonly string[]): RulePlan =>
      when(respond(200, `${number}`), { on: 'path', patterns })
    await apply(
      [],
      on(1, '/a/b/c*', '/exact'),
      on(2, '/a/*', '/late'),
      when(respond(200, '3'), { on: 'path', patterns: ['/w/*'] }, { on: 'method', methods: ['GET'] }),
      on(4, '/a/b/*', '/w/x', '*.css'),
      on(5, '/exact/*', '/exact', '/a/only'),
      on(6, '/l*', '/w/*'),
      when(respond(200, '7')),
    )
    const cases = {
      '/a/b/c': 1,
      '/a/b/cd/e': 1,
      '/a/b/x': 2,
      '/a/only': 2,
      '/a/y.css': 2,
      '/exact': 1,
      '/exact/x': 5,
    }
    const more = { '/w/x': 3, '/late': 2, '/later': 6, '/x.css': 4, '/l.css': 4, '/A/b': 7, '/': 7, '/a': 7 }
    for (const [path, rule] of Object.entries({ ...cases, ...more })) {
      expect([path, (await send(path))?.body]).toEqual([path, `${rule}`])
    }
    expect((await send('/w/x', { method: 'PUT' }))?.body).toBe('4')
    expect((await send('/w/y', { method: 'PUT' }))?.body).toBe('6')
  })

  it('tries rules in their order; all conditions of one must hold, of each one value', async () => {
    const yes = (number: number, ...conditions: readonly ConditionPlan[]): RulePlan =>
      when(respond(200, `${number}`), ...conditions)
    await apply(
      [],
      yes(
        1,
        { on: 'path', patterns: ['/img/*.p?g', '/Other', '/pre*', '*.post', '*mid*', '#no', '/a b'] },
        { on: 'method', methods: ['GET', 'PURGE'] },
      ),
      yes(2, { on: 'host', patterns: ['*.example.com', 'exact.test'] }),
      yes(3, { on: 'header', name: 'X-Beta', patterns: ['yes*', 'a.b'] }),
      yes(4, { on: 'query', pairs: [{ key: 'v', value: '2' }, { value: 'beta*' }] }),
      yes(5, { on: 'source', cidrs: ['198.51.100.0/24', '2001:db8::/32'] }),
      yes(
        6,
        { on: 'path', patterns: ['/*'] },
        { on: 'source', cidrs: ['127.0.0.0/8'] },
        { on: 'method', methods: ['PUT'] },
      ),
      yes(7),
    )
    const rule = async (path: string, headers: Record<string, string> = {}, method = 'GET') =>
      (await send(path, { headers, method }))?.body
    const cases: readonly (readonly [string, Parameters<typeof rule>])[] = [
      ['1', ['/img/x.png']],
      ['1', ['/img/a/b.pig?x=1']],
      ['1', ['/img/x.png', {}, 'PURGE']],
      ['7', ['/img/x.png', {}, 'POST']],
      ['7', ['/img/x.jpeg']],
      ['1', ['/Other']],
      ['7', ['/Other2']],
      ['1', ['/prefixed']],
      ['7', ['/x/pre']],
      ['1', ['/x.post']],
      ['7', ['/x.posts']],
      ['1', ['/a/mid/b']],
      ['7', ['/other']],
      ['2', ['/', { host: 'www.Example.COM:8080' }]],
      ['2', ['/', { host: 'exact.test' }]],
      ['7', ['/', { host: 'example.com' }]],
      ['7', ['/', { host: 'exact.test.evil' }]],
      ['3', ['/', { 'x-beta': 'YES please' }]],
      ['3', ['/', { 'x-beta': 'a.b' }]],
      ['7', ['/', { 'x-beta': 'axb' }]],
      ['7', ['/', { 'x-beta': 'no, yes' }]],
      ['4', ['/?x=1&v=2']],
      ['4', ['/?x=Beta7']],
      ['4', ['/?beta']],
      ['7', ['/?v=22']],
      ['7', ['/?vv=2']],
      ['6', ['/', {}, 'PUT']],
    ]
    const wrong = []
    for (const [wanted, asked] of cases) {
      const got = await rule(...asked)
      if (got !== wanted) wrong.push({ asked, wanted, got })
    }
    expect(wrong).toEqual([])
  })

  it('redirects with what the request had', async () => {
    await apply(
      [],
      when(redirect({ protocol: 'HTTPS', port: '443' }), { on: 'path', patterns: ['/secure*'] }),
      when(redirect({ status: 301, host: 'new.test', path: '/new/#{path}', query: 'was=#{host}&#{query}' }), {
        on: 'path',
        patterns: ['/old*'],
      }),
      when(redirect({ path: '/100%/"it\'s"', query: '' })),
    )
    const headers = { host: 'shop.test:8080' }
    const to = async (path: string) => {
      const answer = await send(path, { headers })
      return [answer?.status, answer?.location]
    }
    expect(await to('/secure/a?b=c')).toEqual([302, 'https://shop.test:443/secure/a?b=c'])
    expect(await to('/secure')).toEqual([302, 'https://shop.test:443/secure'])
    expect(await to('/old/a?b=c')).toEqual([301, `http://new.test:${PORT}/new/old/a?was=shop.test&b=c`])
    expect(await to('/x?y=z')).toEqual([302, `http://shop.test:${PORT}/100%/"it's"`])
  })

  it('answers by itself, word for word', async () => {
    const body = `it's "short", 100% $HOME %[date] #{path}\n`
    await apply([], when(respond(418, body), { on: 'path', patterns: ['/tea'] }), when(respond(404)))
    expect(await send('/tea')).toMatchObject({ status: 418, body })
    expect(await send('/')).toMatchObject({ status: 404, body: '' })
  })
}
