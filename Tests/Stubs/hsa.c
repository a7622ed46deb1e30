// A stand-in for libhsa-runtime64.so.1 with a GPU that does not exist, for tests of the loader.
// It proves nothing about AMD's runtime or a real card.
#include <stdint.h>
#include <string.h>

#ifndef INIT
#define INIT 0
#endif

typedef struct { uint64_t handle; } agent;
typedef struct { uint64_t handle; } pool;

uint32_t hsa_init(void) { return INIT; }
uint32_t hsa_shut_down(void) { return 0; }
#ifndef NO_AGENTS
uint32_t hsa_iterate_agents(uint32_t (*each)(agent, void *), void *state) {
  for (uint64_t i = 1; i <= 3; i++) {
    uint32_t status = each((agent){i}, state);
    if (status) return status;
  }
  return 0;
}
#endif
uint32_t hsa_agent_get_info(agent agent, uint32_t attribute, void *value) {
  int gpu = agent.handle > 1;
  switch (attribute) {
  case 0:
    memset(value, 0, 64);
    strcpy(value, gpu ? "gfx1100" : "AMD EPYC 7532 32-Core Processor");
    return 0;
  case 17: *(uint32_t *)value = gpu; return 0;
  case 0xa002: *(uint32_t *)value = 96; return 0;
  case 0xa004: *(uint32_t *)value = (uint32_t)agent.handle; return 0;
  case 0xa006: *(uint32_t *)value = agent.handle == 2 ? 0x2100 : 0x4100; return 0;
  case 0xa009:
    memset(value, 0, 64);
    strcpy(value, "Radeon RX 7900 XTX");
    return 0;
#ifndef OLD
  case 0xa00f: *(uint32_t *)value = 0; return 0;
#endif
  default: return 0x1001;
  }
}
uint32_t hsa_status_string(uint32_t status, const char **text) {
  *text = "HSA_STATUS_ERROR: made up";
  return status ? 0 : 0x1001;
}
#ifndef OLD
uint32_t hsa_amd_agent_iterate_memory_pools(
    agent agent, uint32_t (*each)(pool, void *), void *state) {
  for (uint64_t i = 0; i < 2; i++) {
    uint32_t status = each((pool){agent.handle * 10 + i}, state);
    if (status) return status;
  }
  return 0;
}
// The first GPU reaches the second and not the other way; a CPU sees the first one's memory alone.
uint32_t hsa_amd_agent_memory_pool_get_info(
    agent agent, pool pool, uint32_t attribute, void *value) {
  if (attribute) return 0x1001;
  uint64_t owner = pool.handle / 10;
  *(uint32_t *)value = agent.handle == 1 ? (owner == 2 ? 1 : 0) : agent.handle == 2 ? 2 : 0;
  return 0;
}
uint32_t hsa_amd_memory_pool_get_info(pool pool, uint32_t attribute, void *value) {
  switch (attribute) {
  case 0: *(uint32_t *)value = pool.handle % 10 == 0 ? 0 : 3; return 0;
  case 1:
    if (pool.handle % 10) return 0x1001;
    *(uint32_t *)value = 4;
    return 0;
  case 2: *(size_t *)value = pool.handle % 10 == 0 ? 25753026560 : 65536; return 0;
  default: return 0x1001;
  }
}
#endif
