#include "symbols.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int tbx_resolve(
    void *table, const char *const *names, size_t count, size_t required, const char *library,
    char *why, size_t size) {
  // Never closed again: some runtimes start threads and register exit handlers of their own, and
  // their code must not vanish under them.
  void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *text = dlerror();
    snprintf(why, size, "%s", text ? text : "cannot be opened");
    return 1;
  }
  for (size_t i = 0; i < count; i++) {
    void *address = dlsym(handle, names[i]);
    if (!address && i < required) {
      snprintf(why, size, "%s has no %s", library, names[i]);
      return 2;
    }
    memcpy((char *)table + i * sizeof address, &address, sizeof address);
  }
  return 0;
}
