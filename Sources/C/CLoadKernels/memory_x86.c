#include "memory_x86.h"

#if defined(__x86_64__)

// Assembler in a function with a target attribute: clang assembles only what the function may use.
// EACH applies a step to the vectors of one line of 64 bytes. Element by element, a step leaves its
// value in register 0; register 15 holds the scalar in every element.

#define NAME(kernel) sse2_##kernel
#define TARGET "sse2"
#define SETUP "movsd %[scalar], %%xmm15\nunpcklpd %%xmm15, %%xmm15\n"
#define END ""
#define EACH(step, at) step(at) step(at "+16") step(at "+32") step(at "+48")
#define LOAD(array, at) "movapd " at "(%[" array "],%[i]), %%xmm0\n"
#define TIMES_SCALAR "mulpd %%xmm15, %%xmm0\n"
#define PLUS(array, at) "addpd " at "(%[" array "],%[i]), %%xmm0\n"
#define TIMES_SCALAR_PLUS(array, at) TIMES_SCALAR PLUS(array, at)
#define SCALAR "movapd %%xmm15, %%xmm0\n"
#define STORE(at) "movapd %%xmm0, " at "(%[a],%[i])\n"
#define BYPASS(at) "movntpd %%xmm0, " at "(%[a],%[i])\n"
#define CLEAR(sum) "pxor %%xmm" sum ", %%xmm" sum "\n"
#define SUM(array, at, sum) "paddq " at "(%[" array "],%[i]), %%xmm" sum "\n"
#define EACH_SUM(array, at, sum)                                                        \
  SUM(array, at, sum) SUM(array, at "+16", sum) SUM(array, at "+32", sum)               \
  SUM(array, at "+48", sum)
#define KEEP(sum, at) "movdqa %%xmm" sum ", " at "(%[sums])\n"
#include "memory_x86_template.h"

#define NAME(kernel) avx2_##kernel
#define TARGET "avx2,fma"
#define SETUP "vbroadcastsd %[scalar], %%ymm15\n"
// Mixed with SSE instructions, the upper halves would cost a penalty.
#define END "vzeroupper\n"
#define EACH(step, at) step(at) step(at "+32")
#define LOAD(array, at) "vmovapd " at "(%[" array "],%[i]), %%ymm0\n"
#define TIMES_SCALAR "vmulpd %%ymm15, %%ymm0, %%ymm0\n"
#define PLUS(array, at) "vaddpd " at "(%[" array "],%[i]), %%ymm0, %%ymm0\n"
#define TIMES_SCALAR_PLUS(array, at) \
  "vfmadd213pd " at "(%[" array "],%[i]), %%ymm15, %%ymm0\n"
#define SCALAR "vmovapd %%ymm15, %%ymm0\n"
#define STORE(at) "vmovapd %%ymm0, " at "(%[a],%[i])\n"
#define BYPASS(at) "vmovntpd %%ymm0, " at "(%[a],%[i])\n"
#define CLEAR(sum) "vpxor %%ymm" sum ", %%ymm" sum ", %%ymm" sum "\n"
#define SUM(array, at, sum) \
  "vpaddq " at "(%[" array "],%[i]), %%ymm" sum ", %%ymm" sum "\n"
#define EACH_SUM(array, at, sum) SUM(array, at, sum) SUM(array, at "+32", sum)
#define KEEP(sum, at) "vmovdqa %%ymm" sum ", " at "(%[sums])\n"
#include "memory_x86_template.h"

#define NAME(kernel) avx512f_##kernel
#define TARGET "avx512f"
#define SETUP "vbroadcastsd %[scalar], %%zmm15\n"
#define END "vzeroupper\n"
#define EACH(step, at) step(at)
#define LOAD(array, at) "vmovapd " at "(%[" array "],%[i]), %%zmm0\n"
#define TIMES_SCALAR "vmulpd %%zmm15, %%zmm0, %%zmm0\n"
#define PLUS(array, at) "vaddpd " at "(%[" array "],%[i]), %%zmm0, %%zmm0\n"
#define TIMES_SCALAR_PLUS(array, at) \
  "vfmadd213pd " at "(%[" array "],%[i]), %%zmm15, %%zmm0\n"
#define SCALAR "vmovapd %%zmm15, %%zmm0\n"
#define STORE(at) "vmovapd %%zmm0, " at "(%[a],%[i])\n"
#define BYPASS(at) "vmovntpd %%zmm0, " at "(%[a],%[i])\n"
#define CLEAR(sum) "vpxorq %%zmm" sum ", %%zmm" sum ", %%zmm" sum "\n"
#define SUM(array, at, sum) \
  "vpaddq " at "(%[" array "],%[i]), %%zmm" sum ", %%zmm" sum "\n"
#define EACH_SUM(array, at, sum) SUM(array, at, sum)
#define KEEP(sum, at) "vmovdqa64 %%zmm" sum ", " at "(%[sums])\n"
#include "memory_x86_template.h"

#define KERNELS(isa, bit)                                              \
  {#isa, TBX_COPY, bit, 0, isa##_copy},                                \
      {#isa "-nontemporal", TBX_COPY, bit, 1, isa##_copy_bypass},      \
      {#isa, TBX_SCALE, bit, 0, isa##_scale},                          \
      {#isa "-nontemporal", TBX_SCALE, bit, 1, isa##_scale_bypass},    \
      {#isa, TBX_ADD, bit, 0, isa##_add},                              \
      {#isa "-nontemporal", TBX_ADD, bit, 1, isa##_add_bypass},        \
      {#isa, TBX_TRIAD, bit, 0, isa##_triad},                          \
      {#isa "-nontemporal", TBX_TRIAD, bit, 1, isa##_triad_bypass},    \
      {#isa, TBX_WRITE, bit, 0, isa##_write},                          \
      {#isa "-nontemporal", TBX_WRITE, bit, 1, isa##_write_bypass},    \
      {#isa, TBX_READ, bit, 0, isa##_read_1},                          \
      {#isa "-4streams", TBX_READ, bit, 0, isa##_read_4},              \
      {#isa "-4pages", TBX_READ, bit, 0, isa##_read_pages}

static const tbx_kernel kernels[] = {
    KERNELS(sse2, TBX_SSE2),
    KERNELS(avx2, TBX_AVX2),
    KERNELS(avx512f, TBX_AVX512F),
};

const tbx_kernel *tbx_kernels(size_t *count) {
  *count = sizeof kernels / sizeof *kernels;
  return kernels;
}

#endif
