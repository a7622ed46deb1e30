// What gcc makes of plain loops: compiled with `gcc -O3 -march=native` and nothing else.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

uint64_t gcc_triad(double *restrict a, const double *restrict b, const double *restrict c, double scalar, size_t bytes) {
  for (size_t i = 0; i < bytes / sizeof *a; i++) a[i] = b[i] + scalar * c[i];
  return 0;
}

// The numbers of the triad, added up. gcc may not reorder additions of doubles, so it adds one by one.
uint64_t gcc_read(double *restrict a, const double *restrict b, const double *restrict c, double scalar, size_t bytes) {
  (void)a, (void)c, (void)scalar;
  double sum = 0;
  for (size_t i = 0; i < bytes / sizeof *b; i++) sum += b[i];
  uint64_t bits;
  memcpy(&bits, &sum, sizeof bits);
  return bits;
}

// Their bits as integers, which it may reorder: it adds whole registers.
uint64_t gcc_read_integers(double *restrict a, const double *restrict b, const double *restrict c, double scalar, size_t bytes) {
  (void)a, (void)c, (void)scalar;
  const uint64_t *words = (const uint64_t *)b;
  uint64_t sum = 0;
  for (size_t i = 0; i < bytes / sizeof *b; i++) sum += words[i];
  return sum;
}
