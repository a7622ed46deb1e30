// SHA-256 of libmd, linked in statically: for a hash alone no TLS library is wanted.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Writes the 32 bytes of the SHA-256 of some bytes.
void tbx_sha256(const void *_Nullable bytes, size_t count, uint8_t *_Nonnull digest);

/// A hash of bytes that come one after the other. @returns NULL without memory.
void *_Nullable tbx_sha256_begin(void);
void tbx_sha256_add(void *_Nonnull hash, const void *_Nullable bytes, size_t count);
/// Writes the 32 bytes, and frees the hash.
void tbx_sha256_end(void *_Nonnull hash, uint8_t *_Nonnull digest);
