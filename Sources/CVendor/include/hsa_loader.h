// HSA runtime (libhsa-runtime64.so.1) resolved at run time. Linking it would cost every start of
// the program more than ten milliseconds, with or without a GPU.
//
// The declarations are our own and cover what we call; where <hsa/hsa.h> is installed the build
// checks the numbers against it.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// hsa_agent_t.
typedef struct tbx_hsa_agent {
  uint64_t handle;
} tbx_hsa_agent;

/// hsa_amd_memory_pool_t.
typedef struct tbx_hsa_pool {
  uint64_t handle;
} tbx_hsa_pool;

/// Attributes of an agent: HSA_AGENT_INFO_* and HSA_AMD_AGENT_INFO_*.
enum {
  TBX_HSA_AGENT_NAME = 0,
  TBX_HSA_AGENT_DEVICE = 17,
  TBX_HSA_AGENT_COMPUTE_UNITS = 0xa002,
  TBX_HSA_AGENT_DRIVER_NODE = 0xa004,
  TBX_HSA_AGENT_BDF = 0xa006,
  TBX_HSA_AGENT_PRODUCT_NAME = 0xa009,
  TBX_HSA_AGENT_DOMAIN = 0xa00f,
};

/// Attributes of a memory pool: HSA_AMD_MEMORY_POOL_INFO_*.
enum {
  TBX_HSA_POOL_SEGMENT = 0,
  TBX_HSA_POOL_GLOBAL_FLAGS = 1,
  TBX_HSA_POOL_SIZE = 2,
};

/// Attribute of an agent and a pool: HSA_AMD_AGENT_MEMORY_POOL_INFO_ACCESS.
enum { TBX_HSA_AGENT_POOL_ACCESS = 0 };

/// hsa_status_t, as far as we tell them apart.
enum {
  TBX_HSA_SUCCESS = 0,
  TBX_HSA_INVALID_ARGUMENT = 0x1001,
  TBX_HSA_OUT_OF_RESOURCES = 0x1008,
};

/// The calls. The last four are NULL where the library has no AMD extensions.
typedef struct tbx_hsa {
  uint32_t (*init)(void);
  uint32_t (*shut_down)(void);
  uint32_t (*iterate_agents)(uint32_t (*each)(tbx_hsa_agent agent, void *state), void *state);
  uint32_t (*agent_info)(tbx_hsa_agent agent, uint32_t attribute, void *value);
  uint32_t (*status_string)(uint32_t status, const char **text);
  uint32_t (*iterate_pools)(
      tbx_hsa_agent agent, uint32_t (*each)(tbx_hsa_pool pool, void *state), void *state);
  uint32_t (*pool_info)(tbx_hsa_pool pool, uint32_t attribute, void *value);
  uint32_t (*agent_pool_info)(
      tbx_hsa_agent agent, tbx_hsa_pool pool, uint32_t attribute, void *value);
} tbx_hsa;

/// Fills `table` from the library of that name or path.
/// Returns 0; 1 when the library cannot be opened; 2 when it lacks a call that must be there.
/// The reason is written to `why`.
int tbx_hsa_open(tbx_hsa *table, const char *library, char *why, size_t size);
