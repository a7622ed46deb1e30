#define _GNU_SOURCE
#include "deadline.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

// Shared by the caller and the thread; the last of the two frees it.
struct call {
  void (*body)(void *);
  void *context;
  sem_t done;
  atomic_int owners;
};

static void release(struct call *call) {
  if (atomic_fetch_sub(&call->owners, 1) != 1) return;
  sem_destroy(&call->done);
  free(call);
}

static void *run(void *argument) {
  struct call *call = argument;
  call->body(call->context);
  sem_post(&call->done);
  release(call);
  return NULL;
}

int tbx_call_within(void (*body)(void *context), void *context, int milliseconds) {
  struct call *call = calloc(1, sizeof *call);
  if (!call) return -1;
  call->body = body;
  call->context = context;
  sem_init(&call->done, 0, 0);
  atomic_init(&call->owners, 2);
  pthread_t thread;
  if (pthread_create(&thread, NULL, run, call) != 0) {
    sem_destroy(&call->done);
    free(call);
    return -1;
  }
  pthread_detach(thread);
  struct timespec end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_sec += milliseconds / 1000;
  end.tv_nsec += milliseconds % 1000 * 1000000L;
  if (end.tv_nsec >= 1000000000L) {
    end.tv_sec += 1;
    end.tv_nsec -= 1000000000L;
  }
  int status;
  do {
    status = sem_clockwait(&call->done, CLOCK_MONOTONIC, &end);
  } while (status != 0 && errno == EINTR);
  release(call);
  return status == 0 ? 0 : 1;
}
