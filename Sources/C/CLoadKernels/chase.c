#include "chase.h"

struct line {
  struct line *next;
  uint64_t number;
  char rest[TBX_LINE - sizeof(struct line *) - sizeof(uint64_t)];
};

void tbx_chase_number(void *base, size_t first, size_t end) {
  struct line *lines = base;
  for (size_t i = first; i < end; i++) lines[i].number = i;
}

uint64_t tbx_chase_shuffle(void *base, size_t first, size_t end, uint64_t seed) {
  struct line *lines = base;
  for (size_t i = end; i-- > (first > 1 ? first : 1);) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    // A line below, never itself: that makes it one cycle.
    size_t j = (size_t)((seed >> 32) * (uint64_t)i >> 32);
    uint64_t number = lines[i].number;
    lines[i].number = lines[j].number;
    lines[j].number = number;
  }
  return seed;
}

void tbx_chase_link(void *base, size_t first, size_t end) {
  struct line *lines = base;
  for (size_t i = first; i < end; i++) lines[i].next = &lines[lines[i].number];
}

void *tbx_chase(void *from, size_t loads) {
#if defined(__x86_64__)
  // A debug build would keep the pointer in memory between the loads.
  size_t turns = loads / 8;
  if (!turns) return from;
  __asm__ volatile(
      "1:\nmov (%[p]), %[p]\nmov (%[p]), %[p]\nmov (%[p]), %[p]\nmov (%[p]), %[p]\n"
      "mov (%[p]), %[p]\nmov (%[p]), %[p]\nmov (%[p]), %[p]\nmov (%[p]), %[p]\n"
      "dec %[turns]\njnz 1b\n"
      : [p] "+r"(from), [turns] "+r"(turns)
      :
      : "memory", "cc");
  return from;
#else
  for (size_t i = 0; i < loads / 8 * 8; i++) from = *(void *volatile *)from;
  return from;
#endif
}

size_t tbx_chase_length(const void *base, size_t limit) {
  const struct line *first = base, *at = first->next;
  for (size_t length = 1; length <= limit; length++, at = at->next)
    if (at == first) return length;
  return 0;
}
