#include "compute_kernels.h"

#include <string.h>

// The reference must not fuse what the kernel rounds twice.
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

static const double factor = 3.9;
static const uint64_t multiplier = 0x9e3779b97f4a7c15u;
static const uint64_t hash_seeds[TBX_HASHES] = {0x243f6a8885a308d3u, 0x13198a2e03707344u};
// Starts of the chains, all different.
static double start(int chain) { return 0.1 + 0.1 * chain; }

static uint64_t bits(double value) {
  uint64_t word;
  memcpy(&word, &value, sizeof word);
  return word;
}

static double separate_chain(double x, uint64_t turns) {
  for (uint64_t n = 0; n < turns; n++) {
    double t = factor * x, product = t * x;
    x = t - product;
  }
  return x;
}

static void hashes(uint64_t turns, uint64_t *results) {
  for (int n = 0; n < TBX_HASHES; n++) {
    uint64_t h = hash_seeds[n];
    for (uint64_t turn = 0; turn < turns; turn++) h = (h ^ h >> 29) * multiplier;
    results[n] = h;
  }
}

#if defined(__x86_64__)

__attribute__((target("fma"))) static double fused_chain(double x, uint64_t turns) {
  for (uint64_t n = 0; n < turns; n++) {
    double t = factor * x;
    x = __builtin_fma(-t, x, t);
  }
  return x;
}

// Registers 0 to 7 hold the chains, 15 the factor; STEP uses 8 to 14 in turn.
#define COMPUTE(name, target_, lanes_, broadcast, step, keep, stride, end)                      \
  __attribute__((target(target_))) static void name(uint64_t turns, uint64_t *results) {        \
    double starts[TBX_CHAINS];                                                                  \
    for (int n = 0; n < TBX_CHAINS; n++) starts[n] = start(n);                                  \
    uint64_t h = hash_seeds[0], g = hash_seeds[1], t, u;                                        \
    __asm__ volatile(                                                                           \
        broadcast("0", "0") broadcast("8", "1") broadcast("16", "2") broadcast("24", "3")       \
        broadcast("32", "4") broadcast("40", "5") broadcast("48", "6") broadcast("56", "7")     \
        "mov %[factor], %[t]\n" FACTOR_##lanes_                                                 \
        ".p2align 5\n1:\n" step("0", "8") step("1", "9")                                        \
        "mov %[h], %[t]\nshr $29, %[t]\nxor %[t], %[h]\nimul %[multiplier], %[h]\n"             \
        step("2", "10") step("3", "11") step("4", "12") step("5", "13")                         \
        "mov %[g], %[u]\nshr $29, %[u]\nxor %[u], %[g]\nimul %[multiplier], %[g]\n"             \
        step("6", "14") step("7", "8") "dec %[turns]\njnz 1b\n"                                 \
        keep("0", "0*" stride) keep("1", "1*" stride) keep("2", "2*" stride)                    \
        keep("3", "3*" stride) keep("4", "4*" stride) keep("5", "5*" stride)                    \
        keep("6", "6*" stride) keep("7", "7*" stride) end                                       \
        : [turns] "+r"(turns), [h] "+r"(h), [g] "+r"(g), [t] "=&r"(t), [u] "=&r"(u)             \
        : [starts] "r"(starts), [results] "r"(results), [multiplier] "r"(multiplier),           \
          [factor] "r"(bits(factor))                                                            \
        : "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",       \
          "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");                \
    results[TBX_CHAINS * lanes_] = h;                                                           \
    results[TBX_CHAINS * lanes_ + 1] = g;                                                       \
  }

#define FACTOR_2 "movq %[t], %%xmm15\nunpcklpd %%xmm15, %%xmm15\n"
#define FACTOR_4 "vmovq %[t], %%xmm15\nvbroadcastsd %%xmm15, %%ymm15\n"
#define FACTOR_8 "vmovq %[t], %%xmm15\nvbroadcastsd %%xmm15, %%zmm15\n"

#define SSE2_BROADCAST(at, x) \
  "movsd " at "(%[starts]), %%xmm" x "\nunpcklpd %%xmm" x ", %%xmm" x "\n"
#define SSE2_STEP(x, t)                                           \
  "movapd %%xmm15, %%xmm" t "\nmulpd %%xmm" x ", %%xmm" t         \
  "\nmulpd %%xmm" t ", %%xmm" x "\nsubpd %%xmm" x ", %%xmm" t     \
  "\nmovapd %%xmm" t ", %%xmm" x "\n"
#define SSE2_KEEP(x, at) "movupd %%xmm" x ", " at "(%[results])\n"
COMPUTE(sse2, "sse2", 2, SSE2_BROADCAST, SSE2_STEP, SSE2_KEEP, "16", "")

#define AVX2_BROADCAST(at, x) "vbroadcastsd " at "(%[starts]), %%ymm" x "\n"
#define AVX2_STEP(x, t)                             \
  "vmulpd %%ymm15, %%ymm" x ", %%ymm" t "\n"        \
  "vfnmadd213pd %%ymm" t ", %%ymm" t ", %%ymm" x "\n"
#define AVX2_KEEP(x, at) "vmovupd %%ymm" x ", " at "(%[results])\n"
COMPUTE(avx2, "avx2,fma", 4, AVX2_BROADCAST, AVX2_STEP, AVX2_KEEP, "32", "vzeroupper\n")

#define AVX512F_BROADCAST(at, x) "vbroadcastsd " at "(%[starts]), %%zmm" x "\n"
#define AVX512F_STEP(x, t)                          \
  "vmulpd %%zmm15, %%zmm" x ", %%zmm" t "\n"        \
  "vfnmadd213pd %%zmm" t ", %%zmm" t ", %%zmm" x "\n"
#define AVX512F_KEEP(x, at) "vmovupd %%zmm" x ", " at "(%[results])\n"
COMPUTE(avx512f, "avx512f", 8, AVX512F_BROADCAST, AVX512F_STEP, AVX512F_KEEP, "64", "vzeroupper\n")

static const tbx_compute_kernel kernels[] = {
    {"sse2", TBX_SSE2, 2, 0, sse2},
    {"avx2", TBX_AVX2, 4, 1, avx2},
    {"avx512f", TBX_AVX512F, 8, 1, avx512f},
};

#else

static double fused_chain(double x, uint64_t turns) { return separate_chain(x, turns); }

static void portable(uint64_t turns, uint64_t *results) {
  double x[TBX_CHAINS];
  for (int n = 0; n < TBX_CHAINS; n++) x[n] = start(n);
  uint64_t h[TBX_HASHES];
  memcpy(h, hash_seeds, sizeof h);
  for (uint64_t turn = 0; turn < turns; turn++) {
    for (int n = 0; n < TBX_CHAINS; n++) {
      double t = factor * x[n], product = t * x[n];
      x[n] = t - product;
    }
    for (int n = 0; n < TBX_HASHES; n++) h[n] = (h[n] ^ h[n] >> 29) * multiplier;
  }
  for (int n = 0; n < TBX_CHAINS; n++) results[n] = bits(x[n]);
  memcpy(results + TBX_CHAINS, h, sizeof h);
}

static const tbx_compute_kernel kernels[] = {{"portable", TBX_PORTABLE, 1, 0, portable}};

#endif

const tbx_compute_kernel *tbx_compute_kernels(size_t *count) {
  *count = sizeof kernels / sizeof *kernels;
  return kernels;
}

void tbx_compute_expected(const tbx_compute_kernel *kernel, uint64_t turns, uint64_t *results) {
  for (int chain = 0; chain < TBX_CHAINS; chain++) {
    double x = start(chain);
    x = kernel->fused ? fused_chain(x, turns) : separate_chain(x, turns);
    for (int lane = 0; lane < kernel->lanes; lane++)
      results[chain * kernel->lanes + lane] = bits(x);
  }
  hashes(turns, results + TBX_CHAINS * kernel->lanes);
}
