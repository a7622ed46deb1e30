#define _GNU_SOURCE
#include "node_pages.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static const size_t alignment = 2 << 20;

size_t tbx_page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }

// Whole units of alignment, and one more at each end as a border.
static size_t rounded(size_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

void *tbx_map(size_t bytes, int huge) {
  size_t inside = rounded(bytes), whole = inside + 3 * alignment;
  if (bytes == 0 || whole < bytes) {
    errno = EINVAL;
    return NULL;
  }
  char *mapped = mmap(NULL, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return NULL;
  char *base = (char *)(((uintptr_t)mapped + 2 * alignment - 1) / alignment * alignment);
  // What lies before and behind the borders goes back, so that the borders can be found from `base`.
  char *first = base - alignment, *end = base + inside + alignment;
  if (first > mapped) munmap(mapped, (size_t)(first - mapped));
  if (end < mapped + whole) munmap(end, (size_t)(mapped + whole - end));
  if (mprotect(base, inside, PROT_READ | PROT_WRITE) != 0) {
    int failure = errno;
    tbx_unmap(base, bytes);
    errno = failure;
    return NULL;
  }
  // A kernel without huge pages refuses; which pages there are is read afterwards.
  madvise(base, inside, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  return base;
}

void tbx_unmap(void *base, size_t bytes) {
  munmap((char *)base - alignment, rounded(bytes) + 2 * alignment);
}

int tbx_bind(void *base, size_t bytes, unsigned node) {
  enum { BIND = 2, WORD = 8 * sizeof(unsigned long) };  // MPOL_BIND of <linux/mempolicy.h>
  unsigned long mask[1024 / WORD] = {0};                // the most nodes a kernel is built for
  if (node >= 1024) return EINVAL;
  mask[node / WORD] = 1ul << node % WORD;
  // The kernel takes one bit less than it is told (get_nodes() of mm/mempolicy.c).
  return syscall(SYS_mbind, base, rounded(bytes), BIND, mask, 1024 + 1ul, 0) == 0 ? 0 : errno;
}

int tbx_page_nodes(void *base, size_t bytes, int *nodes, size_t count) {
  size_t page = tbx_page_size(), pages = bytes / page;
  void **addresses = calloc(count ? count : 1, sizeof *addresses);
  if (!addresses) return ENOMEM;
  for (size_t i = 0; i < count; i++) addresses[i] = (char *)base + pages * i / count * page;
  // Without a list of nodes it only reports where they are.
  long failed = syscall(SYS_move_pages, 0, count, addresses, NULL, nodes, 0);
  int failure = failed == 0 ? 0 : failed < 0 ? errno : EIO;
  free(addresses);
  return failure;
}
