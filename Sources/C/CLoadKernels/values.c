#include <string.h>

#include "memory_kernels.h"

// Whole numbers, so that every operation is exact and fused operations round like separate ones.
// They repeat after primes, so that a value at the wrong place is another one.
enum { B_PERIOD = 8191, C_PERIOD = 4093 };
static double b_value(size_t index) { return 1 + (double)(index % B_PERIOD); }
static double c_value(size_t index) { return 1 + (double)(index % C_PERIOD); }

static uint64_t bits(double value) {
  uint64_t word;
  memcpy(&word, &value, sizeof word);
  return word;
}

uint64_t tbx_fill(double *b, double *c, size_t first, size_t bytes) {
  uint64_t sum = 0;
  // Counted along: divisions would take longer than the memory.
  double next_b = b_value(first), next_c = c_value(first);
  for (size_t i = 0; i < bytes / sizeof *b; i++) {
    b[i] = next_b;
    c[i] = next_c;
    sum += bits(next_b);
    next_b = next_b == B_PERIOD ? 1 : next_b + 1;
    next_c = next_c == C_PERIOD ? 1 : next_c + 1;
  }
  return sum;
}

// 0xff in every byte is a NaN, which equals nothing.
void tbx_poison(double *a, size_t bytes) { memset(a, 0xff, bytes); }

static double expected(tbx_operation operation, double scalar, size_t index) {
  switch (operation) {
    case TBX_COPY: return b_value(index);
    case TBX_SCALE: return scalar * b_value(index);
    case TBX_ADD: return b_value(index) + c_value(index);
    case TBX_TRIAD: return b_value(index) + scalar * c_value(index);
    default: return scalar;
  }
}

size_t tbx_wrong(
    const double *a, tbx_operation operation, double scalar, size_t first, size_t bytes,
    size_t samples, uint64_t seed) {
  size_t count = bytes / sizeof *a, wrong = 0;
  if (!samples) {
    for (size_t i = 0; i < count; i++) wrong += a[i] != expected(operation, scalar, first + i);
    return wrong;
  }
  for (size_t n = 0; n < samples + 2; n++) {
    // Knuth's MMIX generator; its high bits are the good ones.
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    size_t i = n == 0 ? 0 : n == 1 ? count - 1 : (size_t)(seed >> 33) % count;
    wrong += a[i] != expected(operation, scalar, first + i);
  }
  return wrong;
}
