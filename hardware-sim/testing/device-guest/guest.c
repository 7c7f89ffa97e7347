/*
 * A freestanding multiboot guest that drives the PC's devices and writes what it finds to COM1. It prints only what does not depend on
 * the speed of the machine, so that every correct PC gives the same transcript. Built by build.sh; the binary and QEMU's transcript are beside it.
 */

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;

#define MAGIC 0x1BADB002
#define FLAGS 3
__attribute__((section(".multiboot"), used)) static const u32 header[3] = {MAGIC, FLAGS, -(MAGIC + FLAGS)};

__asm__(".globl _start\n_start: mov $stack_top, %esp\n push %ebx\n push %eax\n call kmain\n1: cli\n hlt\n jmp 1b\n"
        ".bss\n.align 16\n.skip 16384\nstack_top:\n.text\n");

static inline void outb(u16 port, u8 v) { __asm__ volatile("outb %0,%1" ::"a"(v), "Nd"(port)); }
static inline void outw(u16 port, u16 v) { __asm__ volatile("outw %0,%1" ::"a"(v), "Nd"(port)); }
static inline void outl(u16 port, u32 v) { __asm__ volatile("outl %0,%1" ::"a"(v), "Nd"(port)); }
static inline u8 inb(u16 port) { u8 v; __asm__ volatile("inb %1,%0" : "=a"(v) : "Nd"(port)); return v; }
static inline u16 inw(u16 port) { u16 v; __asm__ volatile("inw %1,%0" : "=a"(v) : "Nd"(port)); return v; }
static inline u32 inl(u16 port) { u32 v; __asm__ volatile("inl %1,%0" : "=a"(v) : "Nd"(port)); return v; }
static inline void cli(void) { __asm__ volatile("cli" ::: "memory"); }
static inline void sti(void) { __asm__ volatile("sti" ::: "memory"); }
static inline void wait_interrupt(void) { __asm__ volatile("sti; hlt; cli" ::: "memory"); }

#define COM1 0x3F8

static void put(char c) {
  while (!(inb(COM1 + 5) & 0x20)) {}
  outb(COM1, c);
}
static void transmitter_empty(void) {
  while (!(inb(COM1 + 5) & 0x40)) {}
}
static void text(const char *s) { while (*s) put(*s++); }
static void hex(u32 v, int digits) { while (digits--) put("0123456789abcdef"[v >> (4 * digits) & 15]); }
static void number(const char *name, u32 v, int digits) { text(name); put('='); hex(v, digits); put(' '); }
static void line(void) { put('\n'); }

struct frame;
static volatile u32 count[16];
static volatile u8 in_service;
static volatile u8 disk_status;
static volatile u8 last_key;

#define HANDLER(n, body) \
  __attribute__((interrupt)) static void irq##n(struct frame *f) { (void)f; count[n]++; body; \
    if (n >= 8) { outb(0xA0, 0x20); } outb(0x20, 0x20); }

HANDLER(0, { outb(0x20, 0x0B); in_service = inb(0x20); })
HANDLER(1, last_key = inb(0x60))
HANDLER(4, (void)0)
HANDLER(8, { outb(0x70, 0x0C); inb(0x71); })
HANDLER(14, disk_status = inb(0x1F7))
__attribute__((interrupt)) static void unexpected(struct frame *f) { (void)f; count[15]++; outb(0xA0, 0x20); outb(0x20, 0x20); }

static u32 idt[48 * 2];
static u32 gdt[6] = {0, 0, 0x0000FFFF, 0x00CF9A00, 0x0000FFFF, 0x00CF9200};

static void gate(int vector, void (*handler)(struct frame *)) {
  u32 a = (u32)handler;
  idt[2 * vector] = 0x00080000 | (a & 0xFFFF);
  idt[2 * vector + 1] = (a & 0xFFFF0000) | 0x8E00;
}

static void descriptors(void) {
  struct { u16 limit; u32 base; } __attribute__((packed)) g = {sizeof gdt - 1, (u32)gdt}, i = {sizeof idt - 1, (u32)idt};
  __asm__ volatile("lgdt %0\n ljmp $8,$1f\n1: mov $16,%%eax\n mov %%eax,%%ds\n mov %%eax,%%es\n mov %%eax,%%ss" ::"m"(g) : "eax");
  for (int v = 0; v < 48; v++) gate(v, unexpected);
  gate(0x20, irq0);
  gate(0x21, irq1);
  gate(0x24, irq4);
  gate(0x28, irq8);
  gate(0x2E, irq14);
  __asm__ volatile("lidt %0" ::"m"(i));
}

static void multiboot(u32 magic, u32 *info) {
  number("magic", magic, 8);
  number("flags", info[0] & 0x4D, 2);
  number("lower", info[1] >= 600 && info[1] <= 640, 1);
  const char *s = (const char *)info[4];
  const char *last = s;
  for (; *s; s++) if (*s == ' ') last = s + 1;
  text("last word="); text(last); put(' ');
  number("modules", info[5], 1);
  line();
  u32 *m = (u32 *)info[6];
  u32 end = 0;
  for (u32 k = 0; k < info[5]; k++, m += 4) {
    u32 sum = 0;
    for (u8 *p = (u8 *)m[0]; p < (u8 *)m[1]; p++) sum = sum * 31 + *p;
    number("module", k, 1);
    number("aligned", (m[0] & 4095) == 0 && m[0] >= end, 1);
    number("bytes", m[1] - m[0], 4);
    number("sum", sum, 8);
    line();
    end = m[1];
  }
  u32 largest = 0;
  for (u32 at = info[12]; at < info[12] + info[11]; at += *(u32 *)at + 4) {
    u32 *e = (u32 *)at;
    if (e[5] == 1 && e[1] == 0x100000) largest = e[3];
  }
  number("extended memory", largest > 14 << 20 && largest <= 15 << 20, 1);
  line();
}

static void pic(void) {
  static const u8 words[][2] = {{0x20, 0x11}, {0x21, 0x20}, {0x21, 4}, {0x21, 1}, {0xA0, 0x11}, {0xA1, 0x28}, {0xA1, 2}, {0xA1, 1}};
  for (int k = 0; k < 8; k++) outb(words[k][0], words[k][1]);
  outb(0x21, 0xFF);
  outb(0xA1, 0xFF);
  text("pic: ");
  number("masks", inb(0x21) << 8 | inb(0xA1), 4);
  outb(0x21, 0x5A);
  number("mask", inb(0x21), 2);
  outb(0x21, 0xFF);
  outb(0x20, 0x0B);
  number("isr", inb(0x20), 2);
  line();
}

/* Two requests at once, taken by polling: priorities, in-service levels, the kinds of EOI, rotation. Interrupts are off. */
static void requests(void) {
  outb(0x43, 0x30); /* counter 0, mode 0: its output falls */
  outb(COM1 + 1, 0);
  inb(COM1 + 2);
  outb(COM1 + 1, 2); /* the transmitter is empty: IRQ 4 */
  outb(0x40, 1);
  outb(0x40, 0);
  while (outb(0x20, 0x0A), !(inb(0x20) & 1)) {} /* IRQ 0 */
}
static u8 poll_pic(void) { outb(0x20, 0x0C); return inb(0x20); }
static u8 isr(void) { outb(0x20, 0x0B); return inb(0x20); }

static void priorities(void) {
  text("priorities: ");
  transmitter_empty();
  outb(0x21, 0xEE);
  requests();
  outb(0x20, 0x0A);
  u8 irr = inb(0x20) & 0x11, first = poll_pic(), in1 = isr(), second = poll_pic();
  outb(0x20, 0x20);
  u8 third = poll_pic(), in2 = isr();
  outb(0x20, 0x64);
  u8 in3 = isr();
  outb(0x20, 0xC3); /* 3 is lowest, so 4 is highest */
  requests();
  u8 fourth = poll_pic();
  outb(0x20, 0xA0); /* rotate on EOI: 4 is lowest */
  u8 fifth = poll_pic();
  outb(0x20, 0x60);
  outb(0x20, 0xC7);
  outb(0x21, 0xFF);
  outb(COM1 + 1, 0);
  number("irr", irr, 2);
  number("first", first, 2);
  number("isr", in1, 2);
  number("second", second, 2);
  number("third", third, 2);
  number("isr", in2, 2);
  number("isr", in3, 2);
  number("fourth", fourth, 2);
  number("fifth", fifth, 2);
  line();
}

static u16 counter(int n) {
  outb(0x43, n << 6);
  u16 low = inb(0x40 + n);
  return low | inb(0x40 + n) << 8;
}

static void pit(void) {
  text("pit: ");
  outb(0x43, 0x34);
  outb(0x40, 1193 & 255);
  outb(0x40, 1193 >> 8);
  outb(0x43, 0xE2);
  number("status", inb(0x40) & 0x3F, 2);
  outb(0x21, 0xFE);
  u32 before = count[0];
  for (int k = 0; k < 10; k++) wait_interrupt();
  number("ticks", count[0] - before, 2);
  number("in service", in_service, 2);
  outb(0x21, 0xFF);
  int falls = 0, inside = 1;
  u16 previous = counter(0);
  for (int k = 0; k < 200; k++) {
    u16 now = counter(0);
    if (now > 1193 || now == 0) inside = 0;
    if (now != previous) falls = 1;
    previous = now;
  }
  number("moves", falls, 1);
  number("inside", inside, 1);
  /* Counter 2, mode 0: the output rises when the count ends. */
  outb(0x61, 1);
  outb(0x43, 0xB0);
  outb(0x42, 0xFF);
  outb(0x42, 0xFF);
  number("out", inb(0x61) >> 5 & 1, 1);
  outb(0x43, 0xB0);
  outb(0x42, 100);
  outb(0x42, 0);
  while (!(inb(0x61) & 0x20)) {}
  number("out", inb(0x61) >> 5 & 1, 1);
  outb(0x61, 0);
  line();
}

static void formats(void) {
  text("counter 2: ");
  outb(0x61, 1);
  outb(0x43, 0xB6); /* mode 3 counts by two */
  outb(0x42, 0x98);
  outb(0x42, 0x99);
  int even = 1;
  for (int k = 0; k < 100; k++) {
    if (counter(2) & 1) even = 0;
  }
  number("even", even, 1);
  outb(0x43, 0xE8);
  number("status", inb(0x42) & 0x3F, 2);
  outb(0x43, 0x94); /* mode 2, low byte only */
  outb(0x42, 200);
  outb(0x43, 0xE8);
  number("status", inb(0x42) & 0x3F, 2);
  int inside = 1;
  for (int k = 0; k < 100; k++) {
    u8 v = inb(0x42);
    if (v > 200 || v == 0) inside = 0;
  }
  number("inside", inside, 1);
  outb(0x43, 0xB0); /* mode 0, 65535: latched values stay, later ones are lower */
  outb(0x42, 0xFF);
  outb(0x42, 0xFF);
  outb(0x43, 0xD8); /* latch the count of counter 2 */
  for (int k = 0; k < 50; k++) inb(0x80);
  outb(0x43, 0x80);
  u8 low = inb(0x42);
  u16 latched = low | inb(0x42) << 8, later = counter(2);
  number("falls", later < latched, 1);
  outb(0x61, 0);
  line();
}

static void uart(void) {
  text("uart: ");
  transmitter_empty();
  outb(COM1 + 2, 0xC7);
  number("iir", inb(COM1 + 2), 2);
  outb(COM1 + 7, 0xA5);
  number("scratch", inb(COM1 + 7), 2);
  outb(COM1 + 3, 0x83);
  u16 divisor = inb(COM1) | inb(COM1 + 1) << 8;
  outb(COM1 + 3, 0x03);
  number("divisor", divisor, 4);
  transmitter_empty();
  outb(COM1 + 4, 0x1A);
  u8 modem = inb(COM1 + 6) & 0xF0;
  outb(COM1, 0x5C);
  u8 s;
  while (!((s = inb(COM1 + 5)) & 1)) {}
  u8 looped = inb(COM1), after = inb(COM1 + 5);
  outb(COM1 + 4, 0x0B);
  number("modem", modem, 2);
  number("loop", looped, 2);
  number("lsr", after & 0x9F, 2);
  transmitter_empty();
  outb(0x21, 0xEF);
  outb(COM1 + 1, 2);
  u32 before = count[4];
  sti();
  while (count[4] == before) {}
  cli();
  u8 iir = inb(COM1 + 2), again = inb(COM1 + 2);
  outb(COM1 + 1, 0);
  outb(0x21, 0xFF);
  number("thre", iir, 2);
  number("then", again, 2);
  line();
}

static u8 cmos(u8 index) { outb(0x70, index); return inb(0x71); }

static void rtc(void) {
  text("rtc: ");
  number("valid", cmos(0x0D), 2);
  number("format", cmos(0x0B) & 0x06, 2);
  number("date", cmos(0x32) << 24 | cmos(9) << 16 | cmos(8) << 8 | cmos(7), 8);
  u8 b = cmos(0x0B);
  outb(0x70, 0x0A); outb(0x71, 0x26);
  cmos(0x0C);
  outb(0x70, 0x0B); outb(0x71, b | 0x40);
  outb(0x21, 0xFB);
  outb(0xA1, 0xFE);
  u32 before = count[8];
  for (int k = 0; k < 5; k++) wait_interrupt();
  outb(0x70, 0x0B); outb(0x71, b);
  cmos(0x0C);
  outb(0x21, 0xFF);
  outb(0xA1, 0xFF);
  number("periodic", count[8] - before, 2);
  static const u8 set[][2] = {{0x0B, 0x82}, {0, 0x15}, {2, 0x30}, {4, 0x13}, {7, 0x29}, {8, 0x02}, {9, 0x24}, {0x32, 0x20}, {0x0B, 0x02}};
  for (int k = 0; k < 9; k++) { outb(0x70, set[k][0]); outb(0x71, set[k][1]); }
  number("set", cmos(4) << 24 | cmos(2) << 16 | cmos(7) << 8 | cmos(8), 8);
  outb(0x70, 0x0B); outb(0x71, 0x06);
  number("binary", cmos(4) << 24 | cmos(2) << 16 | cmos(7) << 8 | cmos(9), 8);
  outb(0x70, 0x0B); outb(0x71, 0x00);
  number("twelve", cmos(4), 2);
  outb(0x70, 0x0B); outb(0x71, 0x02);
  line();
}

static u32 pci_read(u32 device, u32 function, u32 reg) {
  outl(0xCF8, 0x80000000 | device << 11 | function << 8 | reg);
  return inl(0xCFC);
}
static void pci_write(u32 device, u32 function, u32 reg, u32 v) {
  outl(0xCF8, 0x80000000 | device << 11 | function << 8 | reg);
  outl(0xCFC, v);
}

static u16 bus_master;

static void pci(void) {
  text("pci: ");
  number("host", pci_read(0, 0, 0), 8);
  number("isa", pci_read(1, 0, 0), 8);
  number("ide", pci_read(1, 1, 0), 8);
  number("class", pci_read(1, 1, 8) >> 8, 6);
  u32 bar = pci_read(1, 1, 0x20);
  pci_write(1, 1, 0x20, 0xFFFFFFFF);
  number("size", pci_read(1, 1, 0x20) & 0xFFFF, 4);
  pci_write(1, 1, 0x20, bar);
  pci_write(1, 1, 4, 5);
  number("command", pci_read(1, 1, 4) & 5, 1);
  bus_master = bar & 0xFFF0;
  line();
}

static void command(u8 code, u32 lba, u32 sectors) {
  while (inb(0x3F6) & 0x88) {}
  outb(0x1F6, 0xE0 | (lba >> 24 & 15));
  outb(0x1F2, sectors);
  outb(0x1F3, lba);
  outb(0x1F4, lba >> 8);
  outb(0x1F5, lba >> 16);
  outb(0x1F7, code);
}

static void command48(u8 code, u32 lba, u32 sectors) {
  while (inb(0x3F6) & 0x88) {}
  outb(0x1F6, 0xE0);
  outb(0x1F2, sectors >> 8);
  outb(0x1F3, lba >> 24);
  outb(0x1F4, 0);
  outb(0x1F5, 0);
  outb(0x1F2, sectors);
  outb(0x1F3, lba);
  outb(0x1F4, lba >> 8);
  outb(0x1F5, lba >> 16);
  outb(0x1F7, code);
}

static u32 table[8] __attribute__((aligned(4096)));
/* 64 KiB of memory that nobody uses. */
static u8 *const buffer = (u8 *)0x200000;
#define BUFFER_BYTES 65536u

static void wait_disk(u32 before) { while (count[14] == before) wait_interrupt(); }

static void dma(const char *name, u8 code, int wide, u32 lba, u32 sectors, int to_memory) {
  u32 before = count[14];
  outl(bus_master + 4, (u32)table);
  outb(bus_master, to_memory ? 8 : 0);
  outb(bus_master + 2, 6);
  if (wide) command48(code, lba, sectors);
  else command(code, lba, sectors);
  outb(bus_master, to_memory ? 9 : 1);
  wait_disk(before);
  text(name); put(':'); put(' ');
  number("master", inb(bus_master + 2) & 7, 1);
  number("status", disk_status, 2);
  outb(bus_master, to_memory ? 8 : 0);
  number("stopped", inb(bus_master + 2) & 1, 1);
  outb(bus_master + 2, 6);
  number("cleared", inb(bus_master + 2) & 6, 1);
}

static void region(int k, u8 *at, u32 bytes, int last) {
  table[2 * k] = (u32)at;
  table[2 * k + 1] = (bytes & 0xFFFF) | (last ? 0x80000000 : 0);
}

static u32 sum(const u8 *p, u32 n) { u32 s = 0; while (n--) s = s * 31 + *p++; return s; }

static void disk(void) {
  outb(0x21, 0xFB);
  outb(0xA1, 0xBF);
  outb(0x3F6, 0);
  u32 before = count[14];
  command(0xEC, 0, 0);
  wait_disk(before);
  u16 id[256];
  number("identify: status", disk_status, 2);
  for (int k = 0; k < 256; k++) id[k] = inw(0x1F0);
  number("after", inb(0x1F7), 2);
  u32 sectors = id[60] | id[61] << 16;
  number("sectors", sectors, 6);
  number("lba dma", id[49] >> 8 & 3, 1);
  number("sets", id[83] & 0x7400, 4);
  line();

  before = count[14];
  command(0x30, 1000, 3);
  u32 interrupts = 0;
  for (int k = 0; k < 3; k++) {
    while ((inb(0x3F6) & 0x88) != 8) {}
    if (k == 0) interrupts = count[14] - before;
    u32 now = count[14];
    for (int j = 0; j < 256; j++) outw(0x1F0, (u16)(j * 3 + k * 1111));
    wait_disk(now);
  }
  number("pio write: first", interrupts, 1);
  number("interrupts", count[14] - before, 1);
  number("status", disk_status, 2);
  line();

  before = count[14];
  u32 s = 0;
  command(0x20, 1000, 3);
  for (int k = 0; k < 3; k++) {
    wait_disk(before + k);
    for (int j = 0; j < 256; j++) s = s * 31 + inw(0x1F0);
  }
  for (int k = 0; k < 1000; k++) inb(0x3F6);
  sti(); cli();
  number("pio read: interrupts", count[14] - before, 1);
  number("status", disk_status, 2);
  number("after", inb(0x1F7), 2);
  number("sum", s, 8);
  line();

  for (u32 k = 0; k < BUFFER_BYTES; k++) buffer[k] = k * 7 + (k >> 8);
  region(0, buffer + 0x100, 700, 0);
  region(1, buffer + 0x4000, 300, 0);
  region(2, buffer + 0x8000, 1048, 1);
  dma("dma write", 0xCA, 0, 2000, 4, 0);
  number("sum", sum(buffer + 0x100, 700), 8);
  line();

  for (u32 k = 0; k < BUFFER_BYTES; k++) buffer[k] = 0;
  region(0, buffer, 2048, 1);
  dma("dma read", 0xC8, 0, 2000, 4, 1);
  number("sum", sum(buffer, 700), 8);
  number("all", sum(buffer, 2048), 8);
  number("beyond", sum(buffer + 2048, 512), 8);
  line();

  for (u32 k = 0; k < 0x10000; k++) buffer[k] = k ^ k >> 5;
  region(0, buffer, 0, 1);
  dma("dma write ext", 0x35, 1, 3000, 128, 0);
  line();
  for (u32 k = 0; k < 0x10000; k++) buffer[k] = 0;
  dma("dma read ext", 0x25, 1, 3000, 128, 1);
  number("sum", sum(buffer, 0x10000), 8);
  line();

  before = count[14];
  command(0xE7, 0, 0);
  wait_disk(before);
  number("flush: status", disk_status, 2);
  before = count[14];
  command48(0xEA, 0, 0);
  wait_disk(before);
  number("ext", disk_status, 2);
  before = count[14];
  command(0xC2, 0, 0);
  wait_disk(before);
  number("unknown", disk_status & 0xA9, 2);
  number("error", inb(0x1F1), 2);
  before = count[14];
  outb(0x1F1, 3);
  command(0xEF, 0, 0x22);
  wait_disk(before);
  number("set mode", disk_status & 0xA9, 2);
  line();

  outb(0x3F6, 2);
  before = count[14];
  command(0x20, 5, 1);
  while ((inb(0x3F6) & 0x88) != 8) {}
  sti();
  for (int k = 0; k < 256; k++) inw(0x1F0);
  cli();
  number("nIEN: interrupts", count[14] - before, 1);
  outb(0x3F6, 6);
  for (int k = 0; k < 100; k++) inb(0x80);
  outb(0x3F6, 0);
  while (inb(0x3F6) & 0x80) {}
  number("reset: signature", inb(0x1F2) << 24 | inb(0x1F3) << 16 | inb(0x1F4) << 8 | inb(0x1F5), 8);
  number("error", inb(0x1F1), 2);
  outb(0x1F6, 0xB0);
  number("drive 1", inb(0x1F7), 2);
  outb(0x1F6, 0xA0);
  line();
}

static u8 answer(void) {
  while (!(inb(0x64) & 1)) {}
  return inb(0x60);
}
static u8 ask_controller(u8 command) {
  outb(0x64, command);
  return answer();
}
static u8 ask_keyboard(u8 command) {
  outb(0x60, command);
  return answer();
}
static void command_byte(u8 value) {
  outb(0x64, 0x60);
  outb(0x60, value);
}

static void keyboard(void) {
  outb(0x64, 0xAD);
  while (inb(0x64) & 1) inb(0x60);
  text("keyboard: ");
  number("self-test", ask_controller(0xAA), 2);
  number("empty", inb(0x64) & 0xE5, 2);
  number("interface", ask_controller(0xAB), 2);
  command_byte(0x74);
  number("command", ask_controller(0x20), 2);
  outb(0x64, 0xAE);
  number("then", ask_controller(0x20), 2);
  outb(0x64, 0xD0);
  number("full", inb(0x64) & 0xE5, 2);
  number("port", inb(0x60) & 3, 2);
  outb(0x64, 0xD2);
  number("put", ask_keyboard(0x5A), 2);
  number("echo", ask_keyboard(0xEE), 2);
  number("identify", ask_keyboard(0xF2) << 16 | answer() << 8, 6);
  number("type", answer(), 2);
  number("set", ask_keyboard(0xF0) << 16 | ask_keyboard(0) << 8, 6);
  number("is", answer(), 2);
  number("lights", ask_keyboard(0xED) << 8 | ask_keyboard(2), 4);
  number("unknown", ask_keyboard(0xE9), 2);
  number("reset", ask_keyboard(0xFF), 2);
  number("test", answer(), 2);
  command_byte(0x24);
  number("plain", ask_keyboard(0xF2) << 16 | answer() << 8, 6);
  number("type", answer(), 2);
  number("set", ask_keyboard(0xF0) << 16 | ask_keyboard(0) << 8, 6);
  number("is", answer(), 2);
  command_byte(0x65);
  outb(0x21, 0xFD);
  u32 before = count[1];
  outb(0x60, 0xEE);
  while (count[1] == before) wait_interrupt();
  number("interrupts", count[1] - before, 1);
  number("key", last_key, 2);
  number("left", inb(0x64) & 0xE5, 2);
  outb(0x21, 0xFF);
  line();
}

static u8 crt(u8 index) {
  outb(0x3D4, index);
  return inb(0x3D5);
}
static void set_crt(u8 index, u8 value) {
  outb(0x3D4, index);
  outb(0x3D5, value);
}

static void screen(void) {
  text("screen: ");
  number("columns", crt(1), 2);
  number("rows", crt(0x12) | (crt(7) & 0x42) << 8, 4);
  number("row of", crt(9) & 0x1F, 2);
  number("start", crt(0x0C) << 8 | crt(0x0D), 4);
  set_crt(0x0E, 0x07);
  set_crt(0x0F, 0xCF);
  number("cursor", crt(0x0E) << 8 | crt(0x0F), 4);
  number("index", inb(0x3D4), 2);
  u8 was = crt(0x11);
  set_crt(0x11, was | 0x80);
  set_crt(1, 0x27);
  number("protected", crt(1), 2);
  set_crt(0x11, was);
  volatile u16 *cell = (volatile u16 *)0xB8000;
  cell[1999] = 0x1F41;
  number("cell", cell[1999], 4);
  line();
}

void kmain(u32 magic, u32 *info) {
  outb(COM1 + 3, 0x83);
  outb(COM1, 1);
  outb(COM1 + 1, 0);
  outb(COM1 + 3, 3);
  outb(COM1 + 2, 0);
  outb(COM1 + 4, 0x0B);
  outb(COM1 + 1, 0);
  text("devices\n");
  descriptors();
  multiboot(magic, info);
  pic();
  priorities();
  pit();
  formats();
  uart();
  rtc();
  pci();
  disk();
  keyboard();
  screen();
  number("unexpected", count[15], 1);
  text("\nend\n");
  transmitter_empty();
  outl(0xF4, 21);
}
