#include "hsa_loader.h"

#include "symbols.h"

#if __has_include(<hsa/hsa_ext_amd.h>)
#include <hsa/hsa.h>
#include <hsa/hsa_ext_amd.h>
#define SAME(ours, theirs) _Static_assert((int)ours == (int)theirs, #theirs)
SAME(TBX_HSA_AGENT_NAME, HSA_AGENT_INFO_NAME);
SAME(TBX_HSA_AGENT_DEVICE, HSA_AGENT_INFO_DEVICE);
SAME(TBX_HSA_AGENT_COMPUTE_UNITS, HSA_AMD_AGENT_INFO_COMPUTE_UNIT_COUNT);
SAME(TBX_HSA_AGENT_DRIVER_NODE, HSA_AMD_AGENT_INFO_DRIVER_NODE_ID);
SAME(TBX_HSA_AGENT_BDF, HSA_AMD_AGENT_INFO_BDFID);
SAME(TBX_HSA_AGENT_PRODUCT_NAME, HSA_AMD_AGENT_INFO_PRODUCT_NAME);
SAME(TBX_HSA_AGENT_DOMAIN, HSA_AMD_AGENT_INFO_DOMAIN);
SAME(TBX_HSA_POOL_SEGMENT, HSA_AMD_MEMORY_POOL_INFO_SEGMENT);
SAME(TBX_HSA_POOL_GLOBAL_FLAGS, HSA_AMD_MEMORY_POOL_INFO_GLOBAL_FLAGS);
SAME(TBX_HSA_POOL_SIZE, HSA_AMD_MEMORY_POOL_INFO_SIZE);
SAME(TBX_HSA_AGENT_POOL_ACCESS, HSA_AMD_AGENT_MEMORY_POOL_INFO_ACCESS);
SAME(0, HSA_AMD_MEMORY_POOL_ACCESS_NEVER_ALLOWED);
SAME(TBX_HSA_INVALID_ARGUMENT, HSA_STATUS_ERROR_INVALID_ARGUMENT);
SAME(TBX_HSA_OUT_OF_RESOURCES, HSA_STATUS_ERROR_OUT_OF_RESOURCES);
_Static_assert(sizeof(tbx_hsa_agent) == sizeof(hsa_agent_t), "hsa_agent_t");
_Static_assert(sizeof(tbx_hsa_pool) == sizeof(hsa_amd_memory_pool_t), "hsa_amd_memory_pool_t");
_Static_assert(sizeof(hsa_status_t) == sizeof(uint32_t), "hsa_status_t");
#endif

#define MUST(field, symbol) {symbol, offsetof(tbx_hsa, field), 1}
#define MAY(field, symbol) {symbol, offsetof(tbx_hsa, field), 0}

static const struct tbx_symbol symbols[] = {
    MUST(init, "hsa_init"),
    MUST(shut_down, "hsa_shut_down"),
    MUST(iterate_agents, "hsa_iterate_agents"),
    MUST(agent_info, "hsa_agent_get_info"),
    MAY(status_string, "hsa_status_string"),
    MAY(iterate_pools, "hsa_amd_agent_iterate_memory_pools"),
    MAY(pool_info, "hsa_amd_memory_pool_get_info"),
    MAY(agent_pool_info, "hsa_amd_agent_memory_pool_get_info"),
};

_Static_assert(
    sizeof(tbx_hsa) == sizeof symbols / sizeof symbols[0] * sizeof(void *), "a call without name");

int tbx_hsa_open(tbx_hsa *table, const char *library, char *why, size_t size) {
  return tbx_resolve(table, symbols, sizeof symbols / sizeof symbols[0], library, why, size);
}
