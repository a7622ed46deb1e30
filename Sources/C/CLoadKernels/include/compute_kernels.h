// Kernels that compute in registers alone: their rate follows the clock of the core.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "memory_kernels.h"

/// Sequences of floating-point numbers that a turn advances beside each other, so that the latency of
/// one hides behind the others; and of hashes.
#define TBX_CHAINS 8
#define TBX_HASHES 2
/// Words of results at most: every element of every sequence, then the hashes.
enum { TBX_COMPUTE_RESULTS = TBX_CHAINS * 8 + TBX_HASHES };

typedef struct tbx_compute_kernel {
  /// Such as `avx2`.
  const char *_Nonnull variant;
  int instructions;
  /// Elements of a register.
  int lanes;
  /// 1 where product and difference are rounded once.
  int fused;
  void (*_Nonnull run)(uint64_t turns, uint64_t *_Nonnull results);
} tbx_compute_kernel;

/// A turn advances TBX_CHAINS x lanes numbers by x = t - t x with t = 3.9 x, 3 operations each (the
/// logistic map: chaotic, so that every bit keeps changing and a wrong one shows), and TBX_HASHES
/// words by h = (h ^ h >> 29) * constant, 3 operations each.
#define TBX_CHAIN_OPERATIONS 3
#define TBX_HASH_OPERATIONS 3

/// Every compute kernel of this build; some need instructions that this CPU may lack.
const tbx_compute_kernel *_Nonnull tbx_compute_kernels(size_t *_Nonnull count);

/// The results that a kernel must have after so many turns, computed element by element in C. Takes as
/// long as some of its runs.
void tbx_compute_expected(
    const tbx_compute_kernel *_Nonnull kernel, uint64_t turns, uint64_t *_Nonnull results);
