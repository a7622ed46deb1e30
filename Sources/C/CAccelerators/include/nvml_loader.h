// NVML (libnvidia-ml.so.1), resolved at run time.
#pragma once
#include <stddef.h>
#include <symbols.h>

#include "nvml_types.h"
// Behind the types it uses.
#include "nvml_calls.h"

/// The library's functions.
typedef struct tbx_nvml {
  TBX_NVML_CALLS(TBX_FIELD)
  TBX_NVML_OPTIONAL_CALLS(TBX_OPTIONAL_FIELD)
} tbx_nvml;

/// Fills `table` from the library of that name or path. Returns and `why` as `tbx_resolve`.
int tbx_nvml_open(
    tbx_nvml *_Nonnull table, const char *_Nonnull library, char *_Nonnull why, size_t size);
