#include "digest.h"

#include <stdlib.h>
#include <sys/types.h>

#include <sha2.h>

void tbx_sha256(const void *bytes, size_t count, uint8_t *digest) {
  SHA2_CTX context;
  SHA256Init(&context);
  if (count > 0) SHA256Update(&context, bytes, count);
  SHA256Final(digest, &context);
}

void *tbx_sha256_begin(void) {
  SHA2_CTX *context = malloc(sizeof *context);
  if (context) SHA256Init(context);
  return context;
}

void tbx_sha256_add(void *hash, const void *bytes, size_t count) {
  if (count > 0) SHA256Update(hash, bytes, count);
}

void tbx_sha256_end(void *hash, uint8_t *digest) {
  SHA256Final(digest, hash);
  free(hash);
}
