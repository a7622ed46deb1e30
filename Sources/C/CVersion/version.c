#include "version.h"

#ifndef TINYBOX_COMMIT
#define TINYBOX_COMMIT ""
#endif

const char *const tinybox_commit = TINYBOX_COMMIT;
