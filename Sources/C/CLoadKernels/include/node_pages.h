// Memory of this process on one memory node. The system calls are made by number: no library is
// needed for them, and their own errors come through.
#pragma once
#include <stddef.h>

#include "memory_kernels.h"

/// Maps memory, aligned to 2 MiB, between two borders that nobody may touch: so it is a mapping of
/// its own in /proc/self/smaps. `huge` advises for or against huge pages (madvise(2)). No page is
/// there yet. NULL with errno.
void *_Nullable tbx_map(size_t bytes, int huge);

/// Unmaps it, with its borders.
void tbx_unmap(void *_Nonnull base, size_t bytes);

/// Binds memory to a node (mbind(2), MPOL_BIND). Its pages then come from there or not at all. 0 or errno.
int tbx_bind(void *_Nonnull base, size_t bytes, unsigned node);

/// The nodes of `count` pages spread over the memory (move_pages(2), which moves none here): a node,
/// or a negative errno, for each. 0 or errno.
int tbx_page_nodes(void *_Nonnull base, size_t bytes, int *_Nonnull nodes, size_t count);

/// Bytes of a page that is not huge.
size_t tbx_page_size(void);
