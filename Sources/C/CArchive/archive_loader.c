#include "archive_loader.h"

#include <dlfcn.h>

static tbx_archive table;

const tbx_archive *tbx_archive_open(const char **why) {
  // Lazy: a few dozen of its functions are called, of over a thousand in it and in ICU.
  void *library = dlopen("libarchive.so.13", RTLD_LAZY | RTLD_LOCAL);
  if (!library) {
    *why = dlerror();
    return 0;
  }
#define X(name)                                            \
  table.name = (__typeof__(&name))dlsym(library, #name);   \
  if (!table.name) {                                       \
    *why = dlerror();                                      \
    return 0;                                              \
  }
  TBX_ARCHIVE_CALLS(X)
#undef X
  return &table;
}
