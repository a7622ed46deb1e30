#include "arguments.h"

#include <stddef.h>

static char *const *vector = NULL;

// glibc calls constructors with the arguments of main() (elf/dl-init.c and csu/libc-start.c,
// call_init). Swift's own main() takes them too, and hands them to nobody.
__attribute__((constructor)) static void keep(int count, char **arguments) {
  if (count > 0) vector = arguments;
}

char *const *tbx_arguments(void) { return vector; }
