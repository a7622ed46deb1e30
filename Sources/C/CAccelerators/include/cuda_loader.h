// The CUDA driver API (libcuda.so.1), resolved at run time.
#pragma once
#include <stddef.h>
#include <symbols.h>

#include "cuda_types.h"
// Behind the types it uses.
#include "cuda_calls.h"

/// The library's functions.
typedef struct tbx_cuda {
  TBX_CUDA_CALLS(TBX_FIELD)
  TBX_CUDA_OPTIONAL_CALLS(TBX_OPTIONAL_FIELD)
} tbx_cuda;

/// Fills `table` from the library of that name or path. Returns and `why` as `tbx_resolve`.
int tbx_cuda_open(
    tbx_cuda *_Nonnull table, const char *_Nonnull library, char *_Nonnull why, size_t size);
