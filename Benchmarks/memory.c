// The project's memory kernels beside gcc's loops, slice by slice in one process. Benchmarks/run builds
// and runs it.
//
//   memory verify                       every kernel that this CPU has, and whether its result is right
//   memory compare SECONDS BYTES SEED   our fastest triad and read beside gcc's, as JSON
//   memory rates SECONDS BYTES SEED     our fastest kernel of each operation, as JSON
//
// BYTES are those of each array. SECONDS count from the start of the process; ten rounds run in any case.
// A round runs each kernel once, in random order. `rate` is the median of the clean slices in GB/s,
// `rounds` their mean in each round, null where none was clean: rates of one round are of the same moment.
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node_pages.h"
#include "timing.h"

enum {
  SLICE = 1 << 20,
  SLICES_PER_TURN = 3,
  TURNS_TO_CHOOSE = 5,
  LEAST_ROUNDS = 10,
  ROUNDS = 100000,
  SAMPLES = SLICES_PER_TURN * ROUNDS,
  KERNELS = 64,
};

uint64_t gcc_triad(double *, const double *, const double *, double, size_t);
uint64_t gcc_read(double *, const double *, const double *, double, size_t);
uint64_t gcc_read_integers(double *, const double *, const double *, double, size_t);

static const tbx_kernel peers[] = {
    {"gcc", TBX_TRIAD, 0, 0, gcc_triad},
    {"gcc, doubles", TBX_READ, 0, 0, gcc_read},
    {"gcc, integers", TBX_READ, 0, 0, gcc_read_integers},
};
static const char *const names[] = {"copy", "scale", "add", "triad", "read", "write"};
static const int arrays_of[] = {2, 2, 3, 3, 1, 1};

struct candidate {
  const tbx_kernel *kernel;
  double *rates, *rounds;
  size_t clean, all, round;
};

static struct candidate candidates[KERNELS];
static size_t count, slices, wrong;
static double *a, *b, *c;
static uint64_t *sums, seed;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static size_t below(size_t limit) {
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (size_t)((seed >> 33) % limit);
}

static void add(const tbx_kernel *kernel) {
  if (count == KERNELS) exit(1);
  candidates[count++] = (struct candidate){
      .kernel = kernel, .rates = malloc(SAMPLES * sizeof(double)), .rounds = malloc(ROUNDS * sizeof(double))};
}

static void map(size_t bytes) {
  // The arrays do not begin at equal places of the caches, as in MemoryPart.
  size_t stagger = 4096 + 64;
  slices = bytes / SLICE;
  char *memory = tbx_map(3 * slices * SLICE + 2 * stagger, 0);
  if (!memory || !slices) fail("memory");
  a = (double *)memory;
  b = (double *)(memory + slices * SLICE + stagger);
  c = (double *)(memory + 2 * (slices * SLICE + stagger));
  sums = malloc(slices * sizeof *sums);
  for (size_t n = 0; n < slices; n++) {
    size_t first = n * SLICE / sizeof *a;
    tbx_poison(a + first, SLICE);
    sums[n] = tbx_fill(b + first, c + first, first, SLICE);
  }
}

// gcc's sum of doubles has its own value, which is not checked.
static int is_right(const tbx_kernel *kernel, size_t slice, double scalar, uint64_t sum, size_t samples) {
  size_t first = slice * SLICE / sizeof *a;
  if (kernel->run == gcc_read) return 1;
  if (kernel->operation == TBX_READ) return sum == sums[slice];
  return tbx_wrong(a + first, kernel->operation, scalar, first, SLICE, samples, seed) == 0;
}

// A slice that is not measured, then some that are.
static void turn(struct candidate *candidate) {
  static size_t position;
  const tbx_kernel *kernel = candidate->kernel;
  double total = 0;
  size_t before = candidate->clean;
  for (int n = 0; n <= SLICES_PER_TURN; n++, position++) {
    size_t slice = position % slices, first = slice * SLICE / sizeof *a;
    double scalar = 3 + (double)(position / slices % 5);
    tbx_timing timing;
    uint64_t sum = tbx_time_kernel(kernel, a + first, b + first, c + first, scalar, SLICE, &timing);
    if (!is_right(kernel, slice, scalar, sum, 8)) wrong++;
    if (n == 0) continue;
    candidate->all++;
    if (timing.switches || timing.cpu <= 0.98 * timing.wall) continue;
    double rate = (double)arrays_of[kernel->operation] * SLICE / (double)timing.wall;  // GB/s
    candidate->rates[candidate->clean++] = rate;
    total += rate;
  }
  candidate->rounds[candidate->round++] = total / (double)(candidate->clean - before);
}

static int ascending(const void *x, const void *y) {
  double p = *(const double *)x, q = *(const double *)y;
  return p < q ? -1 : p > q;
}

static double median(struct candidate *candidate) {
  qsort(candidate->rates, candidate->clean, sizeof(double), ascending);
  return candidate->clean ? candidate->rates[candidate->clean / 2] : 0;
}

// Each once, in random order.
static void turn_of_all(void) {
  size_t order[KERNELS];
  for (size_t n = 0; n < count; n++) {
    size_t other = below(n + 1);
    order[n] = order[other];
    order[other] = n;
  }
  for (size_t n = 0; n < count; n++) turn(&candidates[order[n]]);
}

// Tries every kernel of some operations, and leaves the fastest of each as the only candidates.
static void choose(int operations) {
  size_t all;
  const tbx_kernel *kernels = tbx_kernels(&all), *fastest[6] = {0};
  double rates[6] = {0};
  for (size_t n = 0; n < all; n++)
    if (kernels[n].instructions & tbx_instructions() && operations >> kernels[n].operation & 1)
      add(&kernels[n]);
  for (int n = 0; n < TURNS_TO_CHOOSE; n++) turn_of_all();
  for (size_t n = 0; n < count; n++) {
    double rate = median(&candidates[n]);
    int operation = (int)candidates[n].kernel->operation;
    if (!fastest[operation] || rate > rates[operation]) {
      fastest[operation] = candidates[n].kernel;
      rates[operation] = rate;
    }
    free(candidates[n].rates);
    free(candidates[n].rounds);
  }
  count = 0;
  for (int n = 0; n < 6; n++)
    if (fastest[n]) add(fastest[n]);
}

static void print(void) {
  printf("{\"wrong\": %zu, \"kernels\": [", wrong);
  for (size_t n = 0; n < count; n++) {
    struct candidate *of = &candidates[n];
    printf("%s{\"operation\": \"%s\", \"variant\": \"%s\", \"rate\": %.4f, \"clean\": %zu, \"all\": %zu, \"rounds\": [",
           n ? ", " : "", names[of->kernel->operation], of->kernel->variant, median(of), of->clean, of->all);
    for (size_t round = 0; round < of->round; round++)
      if (of->rounds[round] > 0) printf("%s%.4f", round ? ", " : "", of->rounds[round]);
      else printf("%snull", round ? ", " : "");
    printf("]}");
  }
  printf("]}\n");
}

static int verify(void) {
  size_t all;
  const tbx_kernel *kernels = tbx_kernels(&all);
  map(2 * SLICE);
  for (size_t n = 0; n < all; n++) {
    if (!(kernels[n].instructions & tbx_instructions())) continue;
    tbx_poison(a, SLICE);
    uint64_t sum = kernels[n].run(a, b, c, 7, SLICE);
    int right = is_right(&kernels[n], 0, 7, sum, 0);
    if (!right) wrong++;
    printf("%s %s: %s\n", names[kernels[n].operation], kernels[n].variant, right ? "right" : "wrong");
  }
  const tbx_compute_kernel *computes = tbx_compute_kernels(&all);
  for (size_t n = 0; n < all; n++) {
    if (!(computes[n].instructions & tbx_instructions())) continue;
    uint64_t expected[TBX_COMPUTE_RESULTS] = {0}, found[TBX_COMPUTE_RESULTS] = {0};
    tbx_compute_expected(&computes[n], 1000, expected);
    computes[n].run(1000, found);
    int right = memcmp(expected, found, sizeof found) == 0;
    if (!right) wrong++;
    printf("compute %s: %s\n", computes[n].variant, right ? "right" : "wrong");
  }
  return wrong != 0;
}

int main(int argc, char **argv) {
  int64_t begin = tbx_now();
  if (argc == 2 && !strcmp(argv[1], "verify")) return verify();
  int compares = argc == 5 && !strcmp(argv[1], "compare");
  if (!compares && !(argc == 5 && !strcmp(argv[1], "rates"))) {
    fprintf(stderr, "memory: verify, or compare or rates with SECONDS BYTES SEED\n");
    return 2;
  }
  int64_t end = begin + (int64_t)(atof(argv[2]) * 1e9);
  seed = strtoull(argv[4], NULL, 10);
  map(strtoull(argv[3], NULL, 10));
  choose(compares ? 1 << TBX_TRIAD | 1 << TBX_READ : 0x3f);
  for (size_t n = 0; compares && n < sizeof peers / sizeof *peers; n++) add(&peers[n]);
  for (int round = 0; round < ROUNDS && (round < LEAST_ROUNDS || tbx_now() < end); round++) turn_of_all();
  print();
  return wrong != 0;
}
