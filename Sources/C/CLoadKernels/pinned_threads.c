#define _GNU_SOURCE
#include "pinned_threads.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

struct gate {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  size_t waiting;
  // 0 while threads are made, 1 to run, -1 to end.
  int open;
  int failure;
  size_t failed;
  void (*body)(void *, size_t);
  void *context;
};

struct thread {
  pthread_t id;
  struct gate *gate;
  size_t index;
  int cpu;
};

static int pin(int cpu) {
  enum { CPUS = 8192, WORD = 8 * sizeof(unsigned long) };  // NR_CPUS at most
  unsigned long mask[CPUS / WORD] = {0};
  if (cpu < 0 || cpu >= CPUS) return EINVAL;
  mask[cpu / WORD] = 1ul << cpu % WORD;
  // 0 is the calling thread, and no other.
  return syscall(SYS_sched_setaffinity, 0, sizeof mask, mask) < 0 ? errno : 0;
}

static void fail(struct gate *gate, int failure, size_t index) {
  if (gate->failure) return;
  gate->failure = failure;
  gate->failed = index;
}

static void *run(void *argument) {
  struct thread *thread = argument;
  struct gate *gate = thread->gate;
  int failure = pin(thread->cpu);
  pthread_mutex_lock(&gate->lock);
  if (failure) fail(gate, failure, thread->index);
  gate->waiting++;
  pthread_cond_broadcast(&gate->changed);
  while (gate->open == 0) pthread_cond_wait(&gate->changed, &gate->lock);
  int open = gate->open;
  pthread_mutex_unlock(&gate->lock);
  if (open > 0) gate->body(gate->context, thread->index);
  return NULL;
}

// Returns how many were made.
static size_t create(struct thread *threads, size_t count, struct gate *gate, const int *cpus) {
  pthread_attr_t attributes;
  sigset_t all, before;
  pthread_attr_init(&attributes);
  // Enough for a debug build; the default of 8 MiB would be mapped for each of hundreds.
  pthread_attr_setstacksize(&attributes, 1 << 20);
  // A thread begins with the mask of its maker: signals stay with the threads that wait for them.
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  size_t made = 0;
  for (; made < count; made++) {
    threads[made] = (struct thread){.gate = gate, .index = made, .cpu = cpus[made]};
    int failure = pthread_create(&threads[made].id, &attributes, run, &threads[made]);
    if (!failure) continue;
    pthread_mutex_lock(&gate->lock);
    fail(gate, failure, made);
    pthread_mutex_unlock(&gate->lock);
    break;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  return made;
}

int tbx_run_pinned(
    const int *cpus, size_t count, void (*body)(void *, size_t), void *context, size_t *failed) {
  struct thread *threads = calloc(count ? count : 1, sizeof *threads);
  if (!threads) return ENOMEM;
  struct gate gate = {
      .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .body = body,
      .context = context};
  size_t made = create(threads, count, &gate, cpus);
  pthread_mutex_lock(&gate.lock);
  while (gate.waiting < made) pthread_cond_wait(&gate.changed, &gate.lock);
  gate.open = gate.failure ? -1 : 1;
  pthread_cond_broadcast(&gate.changed);
  pthread_mutex_unlock(&gate.lock);
  for (size_t i = 0; i < made; i++) pthread_join(threads[i].id, NULL);
  *failed = gate.failed;
  free(threads);
  return gate.failure;
}
