// A cycle through lines of 64 bytes in random order: each load needs the one before, so that
// the time of a load is its latency.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "memory_kernels.h"

#define TBX_LINE 64

/// Numbers the lines from `first` to before `end` at `base`. All lines are numbered before any is shuffled.
void tbx_chase_number(void *_Nonnull base, size_t first, size_t end);

/// Shuffles the lines from `end` - 1 down to `first`, at least 1, with Sattolo's algorithm (S. Sattolo,
/// "An algorithm to generate a random cyclic permutation", 1986): called from the highest part down
/// to the lowest it leaves one cycle through all. Fewer than 2^32 lines. Returns the seed of the next part.
uint64_t tbx_chase_shuffle(void *_Nonnull base, size_t first, size_t end, uint64_t seed);

/// Turns the numbers of the lines into links.
void tbx_chase_link(void *_Nonnull base, size_t first, size_t end);

/// Follows so many links, a multiple of 8.
void *_Nonnull tbx_chase(void *_Nonnull from, size_t loads);

/// How many links lead from the first line back to it; 0 where more than `limit` do.
size_t tbx_chase_length(const void *_Nonnull base, size_t limit);
