// How long a piece of work took, and whether another thread disturbed it.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "compute_kernels.h"
#include "memory_kernels.h"

typedef struct tbx_timing {
  /// Begin on CLOCK_MONOTONIC, in nanoseconds.
  int64_t start;
  /// Nanoseconds from begin to end, and those that the thread ran in them.
  int64_t wall, cpu;
  /// How often the scheduler took the CPU away from the thread (ru_nivcsw).
  int64_t switches;
} tbx_timing;

/// Runs a kernel and times it. Returns the sum of what it read.
uint64_t tbx_time_kernel(
    const tbx_kernel *_Nonnull kernel, double *_Nonnull a, const double *_Nonnull b,
    const double *_Nonnull c, double scalar, size_t bytes, tbx_timing *_Nonnull timing);

/// Follows so many links of a cycle, a multiple of 8, and times it. Returns where it ended.
void *_Nonnull tbx_time_chase(void *_Nonnull from, size_t loads, tbx_timing *_Nonnull timing);

/// Runs a compute kernel and times it.
void tbx_time_compute(
    const tbx_compute_kernel *_Nonnull kernel, uint64_t turns, uint64_t *_Nonnull results,
    tbx_timing *_Nonnull timing);

/// Now on CLOCK_MONOTONIC, in nanoseconds.
int64_t tbx_now(void);
