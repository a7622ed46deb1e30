#define _GNU_SOURCE
#include "timing.h"

#include <sys/resource.h>
#include <time.h>

#include "chase.h"

static int64_t nanoseconds(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t tbx_now(void) { return nanoseconds(CLOCK_MONOTONIC); }

static int64_t switches(void) {
  struct rusage usage;
  return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nivcsw : 0;
}

// Outside in: the CPU time spans the wall time, so that an undisturbed piece has a share of 1.
static void begin(tbx_timing *timing) {
  timing->switches = switches();
  timing->cpu = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
  timing->start = nanoseconds(CLOCK_MONOTONIC);
}

static void end(tbx_timing *timing) {
  timing->wall = nanoseconds(CLOCK_MONOTONIC) - timing->start;
  timing->cpu = nanoseconds(CLOCK_THREAD_CPUTIME_ID) - timing->cpu;
  timing->switches = switches() - timing->switches;
}

uint64_t tbx_time_kernel(
    const tbx_kernel *kernel, double *a, const double *b, const double *c, double scalar,
    size_t bytes, tbx_timing *timing) {
  begin(timing);
  uint64_t sum = kernel->run(a, b, c, scalar, bytes);
  end(timing);
  return sum;
}

void *tbx_time_chase(void *from, size_t loads, tbx_timing *timing) {
  begin(timing);
  void *at = tbx_chase(from, loads);
  end(timing);
  return at;
}

void tbx_time_compute(
    const tbx_compute_kernel *kernel, uint64_t turns, uint64_t *results, tbx_timing *timing) {
  begin(timing);
  kernel->run(turns, results);
  end(timing);
}
