/* Executes single IA-32 instructions on the host processor in user mode and reports the state afterwards.
 *
 * Input and output are streams of the records below. The instruction lies at CODE, followed by a jump to the exit of kind 0; CODE + 64 holds a jump to the
 * exit of kind 1, the target of branches. DATA and STACK are two pages each; the windows in a record straddle their page boundary.
 *
 * Build: gcc -m32 -O1 -static -no-pie -o judge judge.c
 */
#define _GNU_SOURCE
#include <signal.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#define CODE 0x10000000u
#define DATA 0x20000000u
#define STACK 0x30000000u
#define DATA_WINDOW (DATA + 0x0fe0)
#define STACK_WINDOW (STACK + 0x0fc0)

struct input {
  uint32_t length, flags, registers[8];
  uint8_t code[16], data[64], stack[128];
};
struct output {
  uint32_t signal, exit, flags, registers[8];
  uint8_t data[64], stack[128];
};

uint32_t in_registers[8], in_flags, out_registers[8], out_flags, out_exit, host_esp, entry = CODE;
void exit0(void), exit1(void), run(void);
uint32_t exit_address[2];

/* Register order: eax ecx edx ebx esp ebp esi edi. */
__asm__(
    ".globl run\nrun: pushal\n mov %esp, host_esp\n pushl in_flags\n popfl\n"
    " mov in_registers+4, %ecx\n mov in_registers+8, %edx\n mov in_registers+12, %ebx\n mov in_registers+20, %ebp\n"
    " mov in_registers+24, %esi\n mov in_registers+28, %edi\n mov in_registers, %eax\n mov in_registers+16, %esp\n jmp *entry\n"
    ".globl exit1\nexit1: movl $1, out_exit\n jmp leave_\n"
    ".globl exit0\nexit0: movl $0, out_exit\n"
    "leave_: mov %eax, out_registers\n mov %ecx, out_registers+4\n mov %edx, out_registers+8\n mov %ebx, out_registers+12\n"
    " mov %esp, out_registers+16\n mov %ebp, out_registers+20\n mov %esi, out_registers+24\n mov %edi, out_registers+28\n"
    " mov host_esp, %esp\n pushfl\n popl out_flags\n cld\n popal\n ret\n");

static sigjmp_buf escape;
static ucontext_t at_signal;
static void on_signal(int number, siginfo_t *info, void *context) {
  (void)info;
  at_signal = *(ucontext_t *)context;
  siglongjmp(escape, number);
}

int main(void) {
  static uint8_t alternate[65536];
  stack_t signal_stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
  sigaltstack(&signal_stack, 0);
  int signals[] = {SIGFPE, SIGILL, SIGSEGV, SIGTRAP, SIGBUS};
  for (int i = 0; i < 5; i++) {
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaction(signals[i], &action, 0);
  }
  uint32_t areas[] = {CODE, DATA, STACK};
  for (int i = 0; i < 3; i++)
    if (mmap((void *)areas[i], 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) return 2;
  exit_address[0] = (uint32_t)exit0;
  exit_address[1] = (uint32_t)exit1;
  struct input in;
  while (fread(&in, sizeof in, 1, stdin) == 1) {
    struct output out;
    memset(&out, 0, sizeof out);
    memcpy((void *)CODE, in.code, in.length);
    for (int kind = 0; kind < 2; kind++) {
      uint8_t *pad = (uint8_t *)(kind ? CODE + 64 : CODE + in.length);
      pad[0] = 0xff;
      pad[1] = 0x25;
      *(uint32_t *)(pad + 2) = (uint32_t)&exit_address[kind];
    }
    memcpy((void *)DATA_WINDOW, in.data, 64);
    memcpy((void *)STACK_WINDOW, in.stack, 128);
    memcpy(in_registers, in.registers, sizeof in_registers);
    in_flags = in.flags;
    int number = sigsetjmp(escape, 1);
    if (number == 0) {
      run();
      memcpy(out.registers, out_registers, sizeof out_registers);
      out.flags = out_flags;
      out.exit = out_exit;
    } else {
      greg_t *g = at_signal.uc_mcontext.gregs;
      uint32_t order[] = {g[REG_EAX], g[REG_ECX], g[REG_EDX], g[REG_EBX], g[REG_ESP], g[REG_EBP], g[REG_ESI], g[REG_EDI]};
      memcpy(out.registers, order, sizeof order);
      out.signal = number;
      out.flags = g[REG_EFL];
      out.exit = g[REG_EIP] - CODE;
    }
    memcpy(out.data, (void *)DATA_WINDOW, 64);
    memcpy(out.stack, (void *)STACK_WINDOW, 128);
    fwrite(&out, sizeof out, 1, stdout);
  }
  return 0;
}
