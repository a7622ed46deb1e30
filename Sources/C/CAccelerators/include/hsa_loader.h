// HSA runtime (libhsa-runtime64.so.1), resolved at run time. Linking it would cost every start of the
// program more than ten milliseconds, with or without a GPU.
#pragma once
#include <hsa/hsa.h>
#include <hsa/hsa_ext_amd.h>
#include <stddef.h>
#include <symbols.h>

/// The calls that every runtime has.
#define TBX_HSA_CALLS(X) \
  X(hsa_init)            \
  X(hsa_shut_down)       \
  X(hsa_iterate_agents)  \
  X(hsa_agent_get_info)

/// Those that one without AMD's extensions may lack.
#define TBX_HSA_OPTIONAL_CALLS(X)       \
  X(hsa_status_string)                  \
  X(hsa_amd_agent_iterate_memory_pools) \
  X(hsa_amd_memory_pool_get_info)       \
  X(hsa_amd_agent_memory_pool_get_info)

/// The runtime's functions.
typedef struct tbx_hsa {
  TBX_HSA_CALLS(TBX_FIELD)
  TBX_HSA_OPTIONAL_CALLS(TBX_OPTIONAL_FIELD)
} tbx_hsa;

/// An attribute of AMD's extension: the header has it as another enum than hsa_agent_get_info takes.
static inline hsa_agent_info_t tbx_hsa_amd_attribute(hsa_amd_agent_info_t attribute) {
  return (hsa_agent_info_t)attribute;
}

/// Fills `table` from the library of that name or path. Returns and `why` as `tbx_resolve`.
int tbx_hsa_open(
    tbx_hsa *_Nonnull table, const char *_Nonnull library, char *_Nonnull why, size_t size);

/// The calls that a timed copy needs.
#define TBX_HSA_COPY_CALLS(X)            \
  X(hsa_system_get_info)                 \
  X(hsa_signal_create)                   \
  X(hsa_signal_destroy)                  \
  X(hsa_signal_wait_scacquire)           \
  X(hsa_amd_memory_pool_allocate)        \
  X(hsa_amd_memory_pool_free)            \
  X(hsa_amd_agents_allow_access)         \
  X(hsa_amd_memory_lock)                 \
  X(hsa_amd_memory_unlock)               \
  X(hsa_amd_memory_async_copy)           \
  X(hsa_amd_profiling_async_copy_enable) \
  X(hsa_amd_profiling_get_async_copy_time)

/// The functions for copies: a runtime of any age has them, a library that is none may not.
typedef struct tbx_hsa_copies {
  TBX_HSA_COPY_CALLS(TBX_FIELD)
} tbx_hsa_copies;

/// Fills `table` from the library of that name or path. Returns and `why` as `tbx_resolve`.
int tbx_hsa_copies_open(
    tbx_hsa_copies *_Nonnull table, const char *_Nonnull library, char *_Nonnull why, size_t size);
