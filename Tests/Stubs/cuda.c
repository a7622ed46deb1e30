// A stand-in for libcuda.so.1 with GPUS GPUs, each at bus 0x21 + 0x20 x its number. Streams run their work
// in order on a thread of their own; a copy takes exactly bytes / (GBPS x 10^9) seconds by the times that
// events report, and the data is moved by memcpy. FAULT makes it do one thing wrong. It proves nothing about
// NVIDIA's driver or a real card.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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
#define BAD_END 3    // the context is broken once a copy has begun
#define ZERO 4       // no time between events
#define BACKWARD 5   // a negative time between events
#define WRONG 6      // one byte is wrong
#define NO_DATA 7    // nothing is copied
#define SLOW_CLOCK 8 // times far longer than the copy took
#define DEAF 9       // asking for an event never returns
#define NO_ACCESS 10 // no GPU may access another's memory
#define NO_GPU 12    // what the driver answers without a GPU
#ifndef FAULT
#define FAULT NOTHING
#endif

typedef struct context *context;
struct event {
  uint64_t time;
  int is_done;
};
struct work {
  struct work *next;
  void *to;
  const void *from;
  size_t size;
  struct event *event;
};
struct stream {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  struct work *first, **last;
  int ends, device;
};
static _Thread_local intptr_t current;

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

unsigned cuInit(unsigned flags) { return flags ? 1 : FAULT == NO_GPU ? 100 : 0; }
unsigned cuDriverGetVersion(int *version) {
  *version = 12080;
  return 0;
}
unsigned cuGetErrorString(unsigned error, const char **text) {
  *text = error == 100 ? "no CUDA-capable device is detected" : "made up";
  return 0;
}
unsigned cuDeviceGetCount(int *count) {
  *count = GPUS;
  return 0;
}
unsigned cuDeviceGet(int *device, int ordinal) {
  *device = ordinal;
  return ordinal < GPUS ? 0 : 101;
}
unsigned cuDeviceGetName(char *name, int size, int device) {
  snprintf(name, (size_t)size, "Made-up GPU %d", device);
  return 0;
}
unsigned cuDeviceGetPCIBusId(char *address, int size, int device) {
  snprintf(address, (size_t)size, "0000:%02X:00.0", 0x21 + 0x20 * device);
  return 0;
}
unsigned cuDevicePrimaryCtxRetain(context *made, int device) {
  *made = (context)(intptr_t)(device + 1);
  return 0;
}
unsigned cuDevicePrimaryCtxRelease_v2(int device) { return device < GPUS ? 0 : 101; }
unsigned cuCtxSetCurrent(context given) {
  current = (intptr_t)given;
  return 0;
}
unsigned cuMemAlloc_v2(unsigned long long *address, size_t size) {
  if (!current) return 201;
  *address = (unsigned long long)aligned_alloc(4096, size);
  return *address ? 0 : 2;
}
unsigned cuMemFree_v2(unsigned long long address) {
  free((void *)address);
  return 0;
}
unsigned cuMemHostRegister_v2(void *address, size_t size, unsigned flags) {
  return current && address && size && flags == 1 ? 0 : 1;
}
unsigned cuMemHostUnregister(void *address) { return address ? 0 : 1; }

static void *run(void *argument) {
  struct stream *stream = argument;
  uint64_t clock = 0;
  int was_copy = 0;
  for (;;) {
    pthread_mutex_lock(&stream->lock);
    while (!stream->first && !stream->ends) pthread_cond_wait(&stream->changed, &stream->lock);
    struct work *work = stream->first;
    if (work && !(stream->first = work->next)) stream->last = &stream->first;
    pthread_mutex_unlock(&stream->lock);
    if (!work) break;
    if (work->event) {
      // What stands behind a copy has its end, however late this thread is.
      if (!was_copy) clock = now();
      work->event->time = clock;
      __atomic_store_n(&work->event->is_done, 1, __ATOMIC_RELEASE);
    } else {
      if (FAULT != NO_DATA) memcpy(work->to, work->from, work->size);
      if (FAULT == WRONG) ((unsigned char *)work->to)[work->size / 2] += 1;
      clock += (uint64_t)((double)work->size / GBPS);
      struct timespec until = {(time_t)(clock / 1000000000), (long)(clock % 1000000000)};
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    }
    was_copy = !work->event;
    free(work);
  }
  free(stream);
  return NULL;
}
unsigned cuStreamCreate(struct stream **made, unsigned flags) {
  if (flags != 1 || !current) return 1;
  struct stream *stream = calloc(1, sizeof *stream);
  pthread_mutex_init(&stream->lock, NULL);
  pthread_cond_init(&stream->changed, NULL);
  stream->last = &stream->first;
  stream->device = (int)current - 1;
  pthread_t thread;
  if (pthread_create(&thread, NULL, run, stream)) return 2;
  pthread_detach(thread);
  *made = stream;
  return 0;
}
unsigned cuStreamDestroy_v2(struct stream *stream) {
  pthread_mutex_lock(&stream->lock);
  stream->ends = 1;
  pthread_cond_broadcast(&stream->changed);
  pthread_mutex_unlock(&stream->lock);
  return 0;
}
static void add(struct stream *stream, struct work given) {
  struct work *work = malloc(sizeof *work);
  *work = given;
  pthread_mutex_lock(&stream->lock);
  *stream->last = work;
  stream->last = &work->next;
  pthread_cond_broadcast(&stream->changed);
  pthread_mutex_unlock(&stream->lock);
}

static int has_copied;
unsigned cuEventCreate(struct event **made, unsigned flags) {
  *made = calloc(1, sizeof **made);
  return flags || !current ? 1 : 0;
}
// Events are few and the stream may still set one: they stay.
unsigned cuEventDestroy_v2(struct event *event) { return event ? 0 : 1; }
unsigned cuEventRecord(struct event *event, struct stream *stream) {
  // An event belongs to the context it is recorded in.
  if (current - 1 != stream->device) return 400;
  event->is_done = 0;
  if (has_copied && FAULT == HANG) return 0;
  add(stream, (struct work){.event = event});
  return 0;
}
unsigned cuEventQuery(struct event *event) {
  if (has_copied && FAULT == BAD_END) return 719;
  while (has_copied && FAULT == DEAF) nanosleep(&(struct timespec){1, 0}, NULL);
  return __atomic_load_n(&event->is_done, __ATOMIC_ACQUIRE) ? 0 : 600;
}
unsigned cuEventElapsedTime(float *milliseconds, struct event *start, struct event *end) {
  if (!start->is_done || !end->is_done) return 600;
  double time = ((double)end->time - (double)start->time) / 1e6;
  *milliseconds = (float)time;
  if (FAULT == ZERO) *milliseconds = 0;
  if (FAULT == BACKWARD) *milliseconds = (float)-time;
  if (FAULT == SLOW_CLOCK) *milliseconds = 3600000;
  return 0;
}
static unsigned copy(void *to, const void *from, size_t size, struct stream *stream) {
  if (!to || !from || current - 1 != stream->device) return 1;
  if (FAULT == COPY_ERROR) return 1;
  has_copied = 1;
  if (FAULT != HANG) add(stream, (struct work){.to = to, .from = from, .size = size});
  return 0;
}
unsigned cuMemcpyHtoDAsync_v2(
    unsigned long long to, const void *from, size_t size, struct stream *stream) {
  return copy((void *)to, from, size, stream);
}
unsigned cuMemcpyDtoHAsync_v2(
    void *to, unsigned long long from, size_t size, struct stream *stream) {
  return copy(to, (void *)from, size, stream);
}
unsigned cuMemcpyDtoDAsync_v2(
    unsigned long long to, unsigned long long from, size_t size, struct stream *stream) {
  return copy((void *)to, (void *)from, size, stream);
}
static char access_enabled[GPUS + 1][GPUS + 1];
unsigned cuMemcpyPeerAsync(
    unsigned long long to, context to_context, unsigned long long from, context from_context,
    size_t size, struct stream *stream) {
  // Without access the driver would copy through host memory.
  if (!access_enabled[(intptr_t)to_context][(intptr_t)from_context]) return 217;
  return copy((void *)to, (void *)from, size, stream);
}
unsigned cuDeviceCanAccessPeer(int *can, int device, int peer) {
  *can = FAULT != NO_ACCESS && device != peer;
  return 0;
}
unsigned cuCtxEnablePeerAccess(context peer, unsigned flags) {
  if (flags || !current) return 1;
  if (access_enabled[current][(intptr_t)peer]) return 704;
  access_enabled[current][(intptr_t)peer] = 1;
  return 0;
}
