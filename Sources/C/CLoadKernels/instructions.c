#include "memory_kernels.h"

// Bits of "CPUID" in AMD's Programmer's Manual, volume 3, appendix E, and Intel's volume 2A.
enum {
  LEAF1_FMA = 1 << 12,
  LEAF1_OSXSAVE = 1 << 27,
  LEAF1_AVX = 1 << 28,
  LEAF7_AVX2 = 1 << 5,
  LEAF7_AVX512F = 1 << 16,
  // XCR0: what XSAVE keeps across a switch of threads.
  XCR0_YMM = 0x06,
  XCR0_ZMM = 0xe6,
};

int tbx_instructions_from(uint32_t leaf1_ecx, uint32_t leaf7_ebx, uint64_t xcr0) {
  int found = TBX_SSE2;
  int ymm = (leaf1_ecx & LEAF1_OSXSAVE) && (xcr0 & XCR0_YMM) == XCR0_YMM;
  int zmm = ymm && (xcr0 & XCR0_ZMM) == XCR0_ZMM;
  if (ymm && (leaf1_ecx & LEAF1_AVX) && (leaf1_ecx & LEAF1_FMA) && (leaf7_ebx & LEAF7_AVX2))
    found |= TBX_AVX2;
  if (zmm && (leaf7_ebx & LEAF7_AVX512F)) found |= TBX_AVX512F;
  return found;
}

#if defined(__x86_64__)
#include <cpuid.h>

int tbx_instructions(void) {
  uint32_t a, b, c, d, leaf1_ecx = 0, leaf7_ebx = 0, low = 0, high = 0;
  if (__get_cpuid(1, &a, &b, &c, &d)) leaf1_ecx = c;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) leaf7_ebx = b;
  // XGETBV of register 0; it faults where the kernel has not set OSXSAVE.
  if (leaf1_ecx & LEAF1_OSXSAVE) __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return tbx_instructions_from(leaf1_ecx, leaf7_ebx, (uint64_t)high << 32 | low);
}
#else
int tbx_instructions(void) { return TBX_PORTABLE; }
#endif
