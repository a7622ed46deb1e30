// Threads that each run on one CPU.
#pragma once
#include <stddef.h>

#include "memory_kernels.h"

/// Runs `body(context, index)` on one thread for each of `cpus`, pinned to it, and waits for all.
/// No body starts before every thread is pinned; where one cannot be, none starts. Signals are
/// blocked in the threads. The affinity of the caller stays as it is.
/// Returns 0 or an errno, with the index of the CPU in `failed`.
int tbx_run_pinned(
    const int *_Nonnull cpus, size_t count, void (*_Nonnull body)(void *_Nonnull, size_t),
    void *_Nonnull context, size_t *_Nonnull failed);
