#define _GNU_SOURCE
#include "host_memory.h"

#include <errno.h>
#include <linux/mempolicy.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { most_nodes = 1024, word_bits = 8 * sizeof(unsigned long), most_samples = 64 };

void *tbx_host_map(size_t bytes, int node) {
  void *address = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (address == MAP_FAILED) return NULL;
  int failure = 0;
  if (node >= most_nodes) failure = EINVAL;
  if (!failure && node >= 0) {
    unsigned long mask[most_nodes / word_bits] = {0};
    mask[(size_t)node / word_bits] = 1ul << ((size_t)node % word_bits);
    // The kernel takes one bit less than it is told (mm/mempolicy.c, get_nodes).
    if (syscall(SYS_mbind, address, bytes, MPOL_BIND, mask, most_nodes + 1, 0) < 0) failure = errno;
  }
  // Fewer pages for the IOMMU and the copy engine to look up. A kernel without them ignores it.
  if (!failure) madvise(address, bytes, MADV_HUGEPAGE);
  if (failure) {
    munmap(address, bytes);
    errno = failure;
    return NULL;
  }
  for (size_t offset = 0; offset < bytes; offset += 4096) ((volatile char *)address)[offset] = 0;
  return address;
}

void tbx_host_unmap(void *address, size_t bytes) { munmap(address, bytes); }

int tbx_host_pages_on(const void *address, size_t bytes, int node, int *sampled) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t pages = bytes / page;
  int count = pages < most_samples ? (int)pages : most_samples;
  void *places[most_samples];
  int nodes[most_samples];
  for (int index = 0; index < count; index++)
    places[index] = (char *)address + pages * (size_t)index / (size_t)count * page;
  if (syscall(SYS_move_pages, 0, (unsigned long)count, places, NULL, nodes, 0) < 0) return -1;
  int found = 0;
  for (int index = 0; index < count; index++) found += nodes[index] == node;
  *sampled = count;
  return found;
}

// SplitMix64 (Steele, Lea and Flood 2014, the finalizer with the constants of Stafford's mix 13): no two
// places of a buffer have the same value, so data at a wrong place is found too.
static uint64_t mixed(uint64_t value) {
  value += 0x9e3779b97f4a7c15u;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
  value = (value ^ value >> 27) * 0x94d049bb133111ebu;
  return value ^ value >> 31;
}

void tbx_pattern_fill(void *address, size_t bytes, uint64_t seed) {
  uint64_t *words = address;
  for (size_t index = 0; index < bytes / 8; index++) words[index] = mixed(seed << 40 ^ index);
}

long tbx_pattern_check(const void *address, size_t bytes, uint64_t seed) {
  const uint64_t *words = address;
  for (size_t index = 0; index < bytes / 8; index++)
    if (words[index] != mixed(seed << 40 ^ index)) return (long)(index * 8);
  return -1;
}

int tbx_host_equal(const void *one, const void *other, size_t bytes) {
  return memcmp(one, other, bytes) == 0;
}
