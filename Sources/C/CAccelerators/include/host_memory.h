// Host memory on one NUMA node, and data that can be checked.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Maps zeroed memory and touches every page. The caller sees to it that the node has that much: the
/// kernel ends processes where a bound node runs out.
/// @param node the only node its pages may come from (mbind(2), MPOL_BIND); negative leaves the policy.
/// @returns the address, or NULL with errno.
void *_Nullable tbx_host_map(size_t bytes, int node);

/// Unmaps it.
void tbx_host_unmap(void *_Nonnull address, size_t bytes);

/// Asks the kernel where some of its pages are (move_pages(2) without nodes moves none).
/// @param sampled how many pages were asked about.
/// @returns how many of them are on `node`, or -1 with errno.
int tbx_host_pages_on(const void *_Nonnull address, size_t bytes, int node, int *_Nonnull sampled);

/// Fills memory with numbers that depend on the place and on `seed`. `bytes` is a multiple of 8.
void tbx_pattern_fill(void *_Nonnull address, size_t bytes, uint64_t seed);

/// Offset of the first 8 bytes that are not as `tbx_pattern_fill` left them; -1 when all are.
long tbx_pattern_check(const void *_Nonnull address, size_t bytes, uint64_t seed);

/// Whether two memories hold the same.
int tbx_host_equal(const void *_Nonnull one, const void *_Nonnull other, size_t bytes);
