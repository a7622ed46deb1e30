#include "memory_kernels.h"

#if !defined(__x86_64__)

// Plain loops: as fast as the compiler makes them, so slow in a debug build. That stores bypass the
// caches, or that the CPU does so by itself, is not known here.

#define KERNEL(name)                                                                        \
  static uint64_t name(                                                                     \
      double *restrict a, const double *restrict b, const double *restrict c, double scalar, \
      size_t bytes)
#define EACH for (size_t i = 0; i < bytes / sizeof *a; i++)
#define UNUSED (void)a, (void)b, (void)c, (void)scalar

KERNEL(copy) { UNUSED; EACH a[i] = b[i]; return 0; }
KERNEL(scale) { UNUSED; EACH a[i] = scalar * b[i]; return 0; }
KERNEL(add) { UNUSED; EACH a[i] = b[i] + c[i]; return 0; }
KERNEL(triad) { UNUSED; EACH a[i] = b[i] + scalar * c[i]; return 0; }
KERNEL(write_) { UNUSED; EACH a[i] = scalar; return 0; }

KERNEL(read_1) {
  UNUSED;
  const uint64_t *p = (const uint64_t *)b;
  uint64_t sum = 0;
  EACH sum += p[i];
  return sum;
}

KERNEL(read_4) {
  UNUSED;
  size_t part = bytes / sizeof *a / 4;
  const uint64_t *p = (const uint64_t *)b;
  uint64_t sums[4] = {0, 0, 0, 0};
  for (size_t i = 0; i < part; i++) {
    sums[0] += p[i];
    sums[1] += p[i + part];
    sums[2] += p[i + 2 * part];
    sums[3] += p[i + 3 * part];
  }
  return sums[0] + sums[1] + sums[2] + sums[3];
}

static const tbx_kernel kernels[] = {
    {"portable", TBX_COPY, TBX_PORTABLE, 0, copy},
    {"portable", TBX_SCALE, TBX_PORTABLE, 0, scale},
    {"portable", TBX_ADD, TBX_PORTABLE, 0, add},
    {"portable", TBX_TRIAD, TBX_PORTABLE, 0, triad},
    {"portable", TBX_WRITE, TBX_PORTABLE, 0, write_},
    {"portable", TBX_READ, TBX_PORTABLE, 0, read_1},
    {"portable-4streams", TBX_READ, TBX_PORTABLE, 0, read_4},
};

const tbx_kernel *tbx_kernels(size_t *count) {
  *count = sizeof kernels / sizeof *kernels;
  return kernels;
}

#endif
