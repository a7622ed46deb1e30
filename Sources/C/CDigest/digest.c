#include "digest.h"

#include <sys/types.h>

#include <sha2.h>

void tbx_sha256(const void *bytes, size_t count, uint8_t *digest) {
  SHA2_CTX context;
  SHA256Init(&context);
  if (count > 0) SHA256Update(&context, bytes, count);
  SHA256Final(digest, &context);
}
