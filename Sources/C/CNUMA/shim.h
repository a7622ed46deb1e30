#pragma once
#include <numa.h>

/// A mutable global is an error in Swift 6: read it from C.
static inline struct bitmask *tbx_numa_nodes_allowed(void) { return numa_get_mems_allowed(); }
