/**
 * A guest for measuring speed: an endless integer loop with register and memory arithmetic, a shift, a multiply-free mix and two branches, on
 * flat memory without paging. Hand-assembled; listing beside the bytes.
 */

/** `image` is loaded at physical address 0x100000 and entered at `entry`. */
export function integerLoopGuest(): {
  image: Uint8Array;
  base: number;
  entry: number;
  instructionsPerIteration: number;
} {
  const base = 0x100000;
  const image = Uint8Array.from([
    0x31,
    0xc0, //                   xor eax, eax
    0x31,
    0xc9, //                   xor ecx, ecx
    0xbb,
    0x00,
    0x00,
    0x20,
    0x00, // mov ebx, 0x200000
    0x83,
    0xc0,
    0x03, //       loop: add eax, 3
    0x31,
    0xc2, //                   xor edx, eax
    0xc1,
    0xc2,
    0x05, //             rol edx, 5
    0x89,
    0x13, //                   mov [ebx], edx
    0x03,
    0x03, //                   add eax, [ebx]
    0xa8,
    0x40, //                   test al, 0x40
    0x74,
    0x02, //                   jz skip
    0xff,
    0xc1, //                   inc ecx
    0x3d,
    0x00,
    0x00,
    0x00,
    0x80, // skip: cmp eax, 0x80000000
    0x75,
    0xe7, //                   jne loop
    0xeb,
    0xe5, //                   jmp loop
  ]);
  return { image, base, entry: base, instructionsPerIteration: 9.5 };
}
