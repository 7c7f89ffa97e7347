#!/bin/sh
# Builds guest.elf from guest.c (gcc with 32-bit support), runs it under QEMU and records the transcript that hardware-sim must reproduce.
set -e
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/link.ld" <<'LD'
ENTRY(_start)
PHDRS { all PT_LOAD; }
SECTIONS {
  . = 0x100000;
  .text : { *(.multiboot) *(.text*) *(.rodata*) } :all
  .data : { *(.data*) } :all
  .bss : { *(.bss*) *(COMMON) } :all
  /DISCARD/ : { *(.eh_frame*) *(.comment) *(.note*) }
}
LD
gcc -m32 -Os -std=gnu11 -ffreestanding -fno-pic -fno-stack-protector -mgeneral-regs-only -mno-red-zone -march=i486 \
  -Wall -nostdlib -static -Wl,--build-id=none,-z,noseparate-code,-z,max-page-size=4096,--no-warn-rwx-segments,-T,"$work/link.ld" -s -o guest.elf guest.c
printf 'first module' > "$work/first"
printf 'the second module, a little longer' > "$work/second"
truncate -s 16M "$work/disk.img"
status=0
timeout 60 qemu-system-i386 -m 16 -kernel guest.elf -append 'one two=2 three' -initrd "$work/first a,$work/second b" \
  -drive file="$work/disk.img",format=raw,if=ide,cache=writeback -rtc base=2001-02-03T04:05:06 \
  -display none -serial stdio -monitor none -no-reboot -device isa-debug-exit,iobase=0xf4,iosize=4 > qemu.txt || status=$?
test "$status" = 43
cat qemu.txt
