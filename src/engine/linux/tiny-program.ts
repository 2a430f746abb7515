// Three programs of a few dozen bytes: one that ends at once and one that waits for a packet, to try runtimes with, and one
// that waits for ever, to hold the process namespace that the containers of a task share. A host need not have any static program for that.

import { Fault } from '#base/fault.ts'

const LOAD_ADDRESS = 0x400000
const ELF_HEADER_BYTES = 64
const PROGRAM_HEADER_BYTES = 56
const CODE_AT = ELF_HEADER_BYTES + PROGRAM_HEADER_BYTES
/** Where `hold` keeps its sigaction, counted from the start of the code. */
const ACTION_BYTES = 32
const SIG_IGN = 1

interface Machine {
  /** e_machine of the ELF header. */
  readonly elf: number
  readonly exit: Buffer
  readonly listen: Buffer
  readonly hold: Buffer
  readonly actionAt: number
}

const words = (...instructions: readonly number[]): Buffer => {
  const code = Buffer.alloc(instructions.length * 4)
  instructions.forEach((instruction, index) => code.writeUInt32LE(instruction, index * 4))
  return code
}

const MACHINES: Readonly<Record<string, Machine>> = {
  x64: {
    elf: 62,
    // xor edi,edi; mov eax,231 (exit_group); syscall
    exit: Buffer.from('31ffb8e70000000f05', 'hex'),
    listen: Buffer.from(
      // socket(AF_INET, SOCK_DGRAM, 0)
      // mov edi,2; mov esi,2; xor edx,edx; mov eax,41; syscall
      'bf02000000be0200000031d2b8290000000f05' +
        // read(it, stack, 1): mov edi,eax; mov rsi,rsp; mov edx,1; xor eax,eax; syscall
        '89c74889e6ba0100000031c00f05' +
        // exit_group(1): mov edi,1; mov eax,231; syscall
        'bf01000000b8e70000000f05',
      'hex',
    ),
    hold: Buffer.from(
      // rt_sigaction(SIGCHLD, action, 0, 8): children that end are reaped by the kernel
      // mov edi,17; lea rsi,[rip+36]; xor edx,edx; mov r10d,8; mov eax,13; syscall
      'bf11000000488d352400000031d241ba08000000b80d0000000f05' +
        // for ever: ppoll(0, 0, 0, 0)
        // xor edi,edi; xor esi,esi; xor edx,edx; xor r10d,r10d; mov eax,271; syscall; jmp -18
        '31ff31f631d24531d2b80f0100000f05ebee',
      'hex',
    ),
    actionAt: 48,
  },
  arm64: {
    elf: 183,
    // mov x0,0; mov x8,94 (exit_group); svc 0
    exit: words(0xd2800000, 0xd2800bc8, 0xd4000001),
    listen: words(
      // socket: mov x0,2; mov x1,2; mov x2,0; mov x8,198; svc 0
      0xd2800040,
      0xd2800041,
      0xd2800002,
      0xd28018c8,
      0xd4000001,
      // read: mov x1,sp; mov x2,1; mov x8,63; svc 0
      0x910003e1,
      0xd2800022,
      0xd28007e8,
      0xd4000001,
      // exit_group: mov x0,1; mov x8,94; svc 0
      0xd2800020,
      0xd2800bc8,
      0xd4000001,
    ),
    hold: words(
      // rt_sigaction: mov x0,17; adr x1,+52; mov x2,0; mov x3,8; mov x8,134; svc 0
      0xd2800220,
      0x100001a1,
      0xd2800002,
      0xd2800103,
      0xd28010c8,
      0xd4000001,
      // ppoll: mov x0,0; mov x1,0; mov x2,0; mov x3,0; mov x8,73; svc 0; b -6
      0xd2800000,
      0xd2800001,
      0xd2800002,
      0xd2800003,
      0xd2800928,
      0xd4000001,
      0x17fffffa,
    ),
    actionAt: 56,
  },
}

/** An ELF file of one segment that is read and executed. */
const elf = (machine: number, code: Buffer): Buffer => {
  const file = Buffer.concat([Buffer.alloc(CODE_AT), code])
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  file.writeUInt16LE(2, 16)
  file.writeUInt16LE(machine, 18)
  file.writeUInt32LE(1, 20)
  file.writeBigUInt64LE(BigInt(LOAD_ADDRESS + CODE_AT), 24)
  file.writeBigUInt64LE(BigInt(ELF_HEADER_BYTES), 32)
  file.writeUInt16LE(ELF_HEADER_BYTES, 52)
  file.writeUInt16LE(PROGRAM_HEADER_BYTES, 54)
  file.writeUInt16LE(1, 56)
  const program = ELF_HEADER_BYTES
  file.writeUInt32LE(1, program)
  file.writeUInt32LE(5, program + 4)
  file.writeBigUInt64LE(BigInt(LOAD_ADDRESS), program + 16)
  file.writeBigUInt64LE(BigInt(LOAD_ADDRESS), program + 24)
  file.writeBigUInt64LE(BigInt(file.length), program + 32)
  file.writeBigUInt64LE(BigInt(file.length), program + 40)
  file.writeBigUInt64LE(0x10000n, program + 48)
  return file
}

const machineOf = (architecture: string): Machine => {
  const machine = MACHINES[architecture]
  if (machine === undefined) throw new Fault('unsupported', `tasks cannot run on the architecture ${architecture}`)
  return machine
}

/** Ends at once with 0. */
export const exitProgram = (architecture: string = process.arch): Buffer => {
  const machine = machineOf(architecture)
  return elf(machine.elf, machine.exit)
}

/** Reads from a socket that nobody sends to: never ends where reading waits, and ends with 1 where it does not. */
export const listenProgram = (architecture: string = process.arch): Buffer => {
  const machine = machineOf(architecture)
  return elf(machine.elf, machine.listen)
}

/** Waits until it is killed, reaping what falls to it as process 1. */
export const holdProgram = (architecture: string = process.arch): Buffer => {
  const machine = machineOf(architecture)
  const code = Buffer.alloc(machine.actionAt + ACTION_BYTES)
  machine.hold.copy(code)
  code.writeUInt8(SIG_IGN, machine.actionAt)
  return elf(machine.elf, code)
}
