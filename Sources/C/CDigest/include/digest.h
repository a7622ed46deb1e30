// SHA-256 of libmd, linked in statically: for a hash alone no TLS library is wanted.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Writes the 32 bytes of the SHA-256 of some bytes.
void tbx_sha256(const void *_Nullable bytes, size_t count, uint8_t *_Nonnull digest);
