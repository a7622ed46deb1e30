// A stand-in for libhsa-runtime64.so.1 that copies: CPUs agents of NUMA nodes and GPUS GPUs, each at bus
// 0x21 + 0x20 x its number. A copy takes exactly bytes / (GBPS x 10^9) seconds by the times it reports,
// and the data is moved by memcpy. FAULT makes it do one thing wrong. It proves nothing about AMD's
// runtime or a real card.
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef CPUS
#define CPUS 2
#endif
#ifndef GPUS
#define GPUS 2
#endif
#ifndef GBPS
#define GBPS 2.0
#endif
// What goes wrong.
#define NOTHING 0
#define HANG 1       // a copy never ends
#define COPY_ERROR 2 // the call that starts a copy fails
#define BAD_END 3    // a copy ends with a negative signal
#define ZERO 4       // times of 0
#define BACKWARD 5   // the end before the start
#define WRONG 6      // one byte is wrong
#define NO_DATA 7    // nothing is copied
#define SLOW_CLOCK 8 // times far longer than the copy took
#define DEAF 9       // waiting never returns
#define NO_ACCESS 10 // no agent may access another's memory
#define NO_KFD 11    // what the runtime answers without /dev/kfd
#ifndef FAULT
#define FAULT NOTHING
#endif

typedef struct { uint64_t handle; } agent;
typedef struct { uint64_t handle; } pool;
typedef struct { uint64_t handle; } signal;

struct state {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int64_t value;
  uint64_t start, end;
};

static int is_gpu(agent agent) { return agent.handle > CPUS; }

uint32_t hsa_init(void) { return FAULT == NO_KFD ? 0x1008 : 0; }
uint32_t hsa_shut_down(void) { return 0; }
uint32_t hsa_status_string(uint32_t status, const char **text) {
  *text = "HSA_STATUS_ERROR: made up";
  return status ? 0 : 0x1001;
}
uint32_t hsa_iterate_agents(uint32_t (*each)(agent, void *), void *state) {
  for (uint64_t handle = 1; handle <= CPUS + GPUS; handle++) {
    uint32_t status = each((agent){handle}, state);
    if (status) return status;
  }
  return 0;
}
uint32_t hsa_agent_get_info(agent agent, uint32_t attribute, void *value) {
  uint32_t number = (uint32_t)agent.handle - 1 - (is_gpu(agent) ? CPUS : 0);
  switch (attribute) {
  case 0:
    memset(value, 0, 64);
    strcpy(value, is_gpu(agent) ? "gfx1100" : "AMD EPYC 7532 32-Core Processor");
    return 0;
  case 16: *(uint32_t *)value = number; return 0;
  case 17: *(uint32_t *)value = is_gpu(agent); return 0;
  case 0xa006: *(uint32_t *)value = 0x2100 + 0x2000 * number; return 0;
  case 0xa00f: *(uint32_t *)value = 0; return 0;
  default: return 0x1001;
  }
}
uint32_t hsa_system_get_info(uint32_t attribute, void *value) {
  if (attribute != 3) return 0x1001;
  *(uint64_t *)value = 1000000000;
  return 0;
}
uint32_t hsa_amd_agent_iterate_memory_pools(
    agent agent, uint32_t (*each)(pool, void *), void *state) {
  // Of a CPU the first is for arguments of kernels, of a GPU the fine grained one.
  for (uint64_t index = 0; index < 2; index++) {
    uint32_t status = each((pool){agent.handle * 10 + index}, state);
    if (status) return status;
  }
  return 0;
}
uint32_t hsa_amd_memory_pool_get_info(pool pool, uint32_t attribute, void *value) {
  int gpu = is_gpu((agent){pool.handle / 10}), second = pool.handle % 10 == 1;
  switch (attribute) {
  case 0: *(uint32_t *)value = 0; return 0;
  case 1: *(uint32_t *)value = gpu ? (second ? 4 : 2) : (second ? 2 : 3); return 0;
  case 2: *(size_t *)value = (size_t)24 << 30; return 0;
  default: return 0x1001;
  }
}
uint32_t hsa_amd_agent_memory_pool_get_info(
    agent agent, pool pool, uint32_t attribute, void *value) {
  if (attribute) return 0x1001;
  *(uint32_t *)value = FAULT == NO_ACCESS && agent.handle != pool.handle / 10 ? 0 : 2;
  return 0;
}
uint32_t hsa_amd_memory_pool_allocate(pool pool, size_t size, uint32_t flags, void **address) {
  if (flags || pool.handle % 10 != 1) return 0x1001;
  *address = aligned_alloc(4096, size);
  return *address ? 0 : 0x1008;
}
uint32_t hsa_amd_memory_pool_free(void *address) {
  free(address);
  return 0;
}
uint32_t hsa_amd_agents_allow_access(
    uint32_t count, const agent *agents, const uint32_t *flags, const void *address) {
  return count && agents && !flags && address ? 0 : 0x1001;
}
uint32_t hsa_amd_memory_lock(void *host, size_t size, agent *agents, int count, void **address) {
  if (!size || (count && !agents)) return 0x1001;
  *address = host;
  return 0;
}
uint32_t hsa_amd_memory_unlock(void *host) { return host ? 0 : 0x1001; }

static int profiling;
uint32_t hsa_amd_profiling_async_copy_enable(_Bool enable) {
  profiling = enable;
  return 0;
}
uint32_t hsa_amd_profiling_get_async_copy_time(signal signal, uint64_t *time) {
  struct state *state = (struct state *)signal.handle;
  time[0] = profiling && FAULT != ZERO ? state->start : 0;
  time[1] = profiling && FAULT != ZERO ? state->end : 0;
  if (FAULT == BACKWARD) time[1] = time[0] - 1000;
  if (FAULT == SLOW_CLOCK) time[1] = time[0] + 3600000000000u;
  return 0;
}

uint32_t hsa_signal_create(int64_t value, uint32_t count, const agent *users, signal *signal) {
  if (count || users) return 0x1001;
  struct state *state = calloc(1, sizeof *state);
  pthread_condattr_t clock;
  pthread_condattr_init(&clock);
  pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
  pthread_mutex_init(&state->lock, NULL);
  pthread_cond_init(&state->changed, &clock);
  state->value = value;
  signal->handle = (uint64_t)state;
  return 0;
}
uint32_t hsa_signal_destroy(signal signal) {
  free((void *)signal.handle);
  return 0;
}
static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}
static struct timespec moment(uint64_t ns) {
  return (struct timespec){(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
}
// Less than `compare` is the one condition that is asked for.
int64_t hsa_signal_wait_scacquire(
    signal signal, uint32_t condition, int64_t compare, uint64_t ticks, uint32_t how) {
  struct state *state = (struct state *)signal.handle;
  if (condition != 2 || how != 0) abort();
  struct timespec end = moment(now() + ticks);
  pthread_mutex_lock(&state->lock);
  while (state->value >= compare)
    if (pthread_cond_timedwait(&state->changed, &state->lock, &end) && FAULT != DEAF) break;
  int64_t value = state->value;
  pthread_mutex_unlock(&state->lock);
  return value;
}

struct copy {
  void *to;
  const void *from;
  size_t size;
  struct state *after, *done;
};
static void *run(void *argument) {
  struct copy *copy = argument;
  uint64_t begin = now();
  if (copy->after) {
    pthread_mutex_lock(&copy->after->lock);
    while (copy->after->value != 0) pthread_cond_wait(&copy->after->changed, &copy->after->lock);
    begin = copy->after->end;
    pthread_mutex_unlock(&copy->after->lock);
  }
  uint64_t end = begin + (uint64_t)((double)copy->size / GBPS);
  if (FAULT != NO_DATA) memcpy(copy->to, copy->from, copy->size);
  if (FAULT == WRONG) ((unsigned char *)copy->to)[copy->size / 2] += 1;
  struct timespec until = moment(end);
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
  pthread_mutex_lock(&copy->done->lock);
  copy->done->start = begin;
  copy->done->end = end;
  copy->done->value = FAULT == BAD_END ? -1 : 0;
  pthread_cond_broadcast(&copy->done->changed);
  pthread_mutex_unlock(&copy->done->lock);
  free(copy);
  return NULL;
}
uint32_t hsa_amd_memory_async_copy(
    void *to, agent to_agent, const void *from, agent from_agent, size_t size, uint32_t count,
    const signal *after, signal done) {
  if (!to || !from || !done.handle || !to_agent.handle || !from_agent.handle || count > 1)
    return 0x1001;
  // As the runtime has it (hsa_ext_amd.cpp): no list beside a count of 0, not even an empty one.
  if ((count == 0) != (after == NULL)) return 0x1001;
  if (FAULT == COPY_ERROR) return 0x1000;
  if (FAULT == HANG || FAULT == DEAF) return 0;
  struct copy *copy = malloc(sizeof *copy);
  *copy = (struct copy){
      to, from, size, count ? (struct state *)after[0].handle : NULL, (struct state *)done.handle};
  pthread_t thread;
  if (pthread_create(&thread, NULL, run, copy)) return 0x1008;
  pthread_detach(thread);
  return 0;
}
