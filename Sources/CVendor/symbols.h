// Filling a table of function pointers from a library. Not part of the module.
#pragma once
#include <stddef.h>

struct tbx_symbol {
  const char *name;
  size_t offset;
  int required;
};

/// Opens `library` and writes the address of each symbol at its offset in `table`.
/// Returns 0; 1 when the library cannot be opened; 2 when a required symbol is missing.
int tbx_resolve(
    void *table, const struct tbx_symbol *symbols, size_t count, const char *library, char *why,
    size_t size);
