#define _GNU_SOURCE
#include "direct_read.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct tbx_reads {
  tbx_piece *pieces;
  size_t count;
  atomic_size_t next;
  atomic_int failure;
  pthread_mutex_t lock;
  pthread_cond_t ended;
  int running;
};

int tbx_direct_open(const char *path, int64_t *bytes) {
  int file = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return -1;
  struct stat status;
  int failure = fstat(file, &status) < 0 ? errno : 0;
  if (!failure && !S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode)) failure = EINVAL;
  // The size of a block device too.
  if (!failure && (*bytes = lseek(file, 0, SEEK_END)) < 0) failure = errno;
  if (!failure) return file;
  close(file);
  errno = failure;
  return -1;
}

void tbx_direct_close(int file) { close(file); }

static void *run(void *argument) {
  tbx_reads *reads = argument;
  size_t index;
  while ((index = atomic_fetch_add(&reads->next, 1)) < reads->count) {
    tbx_piece *piece = &reads->pieces[index];
    ssize_t count;
    do count = pread(piece->file, piece->to, piece->bytes, piece->offset);
    while (count < 0 && errno == EINTR);
    int expected = 0;
    if (count != (ssize_t)piece->bytes)
      atomic_compare_exchange_strong(&reads->failure, &expected, count < 0 ? errno : -1);
  }
  pthread_mutex_lock(&reads->lock);
  reads->running--;
  pthread_cond_broadcast(&reads->ended);
  pthread_mutex_unlock(&reads->lock);
  return NULL;
}

tbx_reads *tbx_reads_start(const tbx_piece *pieces, size_t count, int threads) {
  tbx_reads *reads = calloc(1, sizeof *reads);
  if (!reads) return NULL;
  reads->pieces = malloc(count * sizeof *pieces + 1);
  if (!reads->pieces) {
    free(reads);
    return NULL;
  }
  memcpy(reads->pieces, pieces, count * sizeof *pieces);
  reads->count = count;
  pthread_condattr_t clock;
  pthread_condattr_init(&clock);
  pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
  pthread_mutex_init(&reads->lock, NULL);
  pthread_cond_init(&reads->ended, &clock);
  pthread_condattr_destroy(&clock);
  pthread_mutex_lock(&reads->lock);
  int failure = 0;
  for (int index = 0; index < threads; index++) {
    pthread_t thread;
    if ((failure = pthread_create(&thread, NULL, run, reads)) != 0) break;
    pthread_detach(thread);
    reads->running++;
  }
  int running = reads->running;
  pthread_mutex_unlock(&reads->lock);
  // Fewer threads would measure something else; those that run read all the same.
  if (failure) atomic_store(&reads->failure, failure);
  if (running) return reads;
  tbx_reads_end(reads);
  errno = failure;
  return NULL;
}

int tbx_reads_wait(tbx_reads *reads, int milliseconds) {
  struct timespec end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_sec += milliseconds / 1000;
  end.tv_nsec += milliseconds % 1000 * 1000000L;
  if (end.tv_nsec >= 1000000000L) {
    end.tv_sec += 1;
    end.tv_nsec -= 1000000000L;
  }
  pthread_mutex_lock(&reads->lock);
  while (reads->running && pthread_cond_timedwait(&reads->ended, &reads->lock, &end) == 0) {}
  int hasEnded = reads->running == 0;
  pthread_mutex_unlock(&reads->lock);
  return hasEnded;
}

int tbx_reads_end(tbx_reads *reads) {
  int failure = atomic_load(&reads->failure);
  pthread_mutex_destroy(&reads->lock);
  pthread_cond_destroy(&reads->ended);
  free(reads->pieces);
  free(reads);
  return failure;
}
