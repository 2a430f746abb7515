// A gRPC server and client for tests, whose messages are plain text.

import { once } from 'node:events'
import { createServer } from 'node:net'
import {
  Client,
  credentials,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  status,
} from '@grpc/grpc-js'

const encoded = (text: string): Buffer => Buffer.from(text)
const decoded = (bytes: Buffer): string => bytes.toString()

const method = (name: string, requestStream: boolean, responseStream: boolean) => ({
  path: `/test.Echo/${name}`,
  requestStream,
  responseStream,
  requestSerialize: encoded,
  // Not as text: grpc-js takes an empty one for no message.
  requestDeserialize: (bytes: Buffer) => bytes,
  responseSerialize: encoded,
  responseDeserialize: decoded,
})

const SERVICE: ServiceDefinition = {
  say: method('Say', false, false),
  count: method('Count', false, true),
  chat: method('Chat', true, true),
  refuse: method('Refuse', false, false),
}

/** Takes connections of a listener that is yet to be opened. */
export const grpcTarget = () => {
  const server = new Server()
  server.addService(SERVICE, {
    say: (call: ServerUnaryCall<Buffer, string>, done: sendUnaryData<string>) =>
      done(null, `you said ${call.request.toString()}`),
    count: (call: ServerWritableStream<Buffer, string>) => {
      for (const number of ['0', '1', '2']) call.write(number)
      call.end()
    },
    refuse: (_: ServerUnaryCall<Buffer, string>, done: sendUnaryData<string>) =>
      done({ code: status.PERMISSION_DENIED, details: 'no' }),
    chat: (call: ServerDuplexStream<Buffer, string>) => {
      call.on('data', (said: Buffer) => call.write(`heard ${said.toString()}`))
      call.on('end', () => call.end())
    },
  })
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  return {
    listener: createServer((socket) => injector.injectConnection(socket)),
    close: () => server.forceShutdown(),
  }
}

export const grpcClient = (at: string, root: string, name: string) => {
  const client = new Client(at, credentials.createSsl(Buffer.from(root)), { 'grpc.ssl_target_name_override': name })
  return {
    say: (text: string): Promise<string | undefined> =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(SERVICE['say']!.path, encoded, decoded, text, (error, answer) =>
          error === null ? resolve(answer) : reject(error),
        )
      }),
    count: (text: string) => client.makeServerStreamRequest(SERVICE['count']!.path, encoded, decoded, text),
    chat: () => client.makeBidiStreamRequest(SERVICE['chat']!.path, encoded, decoded),
    close: () => client.close(),
  }
}

/** One message, many in answer to one, and both at once: what came back of each. */
export const conversation = async (client: ReturnType<typeof grpcClient>) => {
  const said = await client.say('hi')
  const counted: string[] = []
  for await (const one of client.count('please')) counted.push(String(one))
  const chat = client.chat()
  const heard: string[] = []
  for (const word of ['a', 'b']) {
    chat.write(word)
    heard.push(...((await once(chat, 'data')) as string[]))
  }
  chat.end()
  chat.resume()
  await once(chat, 'end')
  return { said, counted, heard }
}

export const CONVERSATION = { said: 'you said hi', counted: ['0', '1', '2'], heard: ['heard a', 'heard b'] }
