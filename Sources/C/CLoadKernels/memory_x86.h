// The loops around the steps of memory_x86.c.
#pragma once
#include "memory_kernels.h"

// 256 bytes of each array a turn, line by line, so that stores that bypass the caches fill whole
// lines. `i` counts from minus the size up to 0, and the pointers stand at the ends.
#define STREAM(name, target_, setup, step, end)                                               \
  __attribute__((target(target_))) static uint64_t name(                                      \
      double *a, const double *b, const double *c, double scalar, size_t bytes) {             \
    intptr_t i = -(intptr_t)bytes;                                                            \
    __asm__ volatile(                                                                         \
        setup ".p2align 5\n1:\n" EACH(step, "0") EACH(step, "64") EACH(step, "128")           \
            EACH(step, "192") "add $256, %[i]\njnz 1b\n" end                                  \
        : [i] "+r"(i)                                                                         \
        : [a] "r"((char *)a + bytes), [b] "r"((const char *)b + bytes),                       \
          [c] "r"((const char *)c + bytes), [scalar] "m"(scalar)                              \
        : "memory", "cc", "xmm0", "xmm15");                                                   \
    return 0;                                                                                 \
  }

// The streams of a read are parts that are read side by side, each a sequence of its own for the
// prefetchers. `rounds` groups of parts follow each other; `p` to `s` stand at the ends of the parts.
// Sums of integers are the same in any order.
#define READ(name, target_, streams, part_, turn)                                             \
  __attribute__((target(target_))) static uint64_t name(                                      \
      double *a, const double *b, const double *c, double scalar, size_t bytes) {             \
    (void)a, (void)c, (void)scalar;                                                           \
    intptr_t part = (intptr_t)(part_), group = part * streams, i;                             \
    uint64_t sums[32] __attribute__((aligned(64))) = {0}, sum = 0, rounds = bytes / (size_t)group; \
    const char *p = (const char *)b + part, *q = p + part, *r = q + part, *s = r + part;      \
    __asm__ volatile(                                                                         \
        CLEAR("0") CLEAR("1") CLEAR("2") CLEAR("3") ".p2align 5\n1:\n"                        \
        "mov %[start], %[i]\n2:\n" turn "jnz 2b\n"                                            \
        "add %[group], %[p]\nadd %[group], %[q]\nadd %[group], %[r]\nadd %[group], %[s]\n"    \
        "dec %[rounds]\njnz 1b\n" KEEP("0", "0") KEEP("1", "64") KEEP("2", "128")             \
        KEEP("3", "192") END                                                                  \
        : [i] "=&r"(i), [rounds] "+r"(rounds), [p] "+r"(p), [q] "+r"(q), [r] "+r"(r),         \
          [s] "+r"(s)                                                                         \
        : [start] "r"(-part), [group] "r"(group), [sums] "r"(sums)                            \
        : "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3");                                    \
    for (int n = 0; n < 32; n++) sum += sums[n];                                              \
    return sum;                                                                               \
  }
