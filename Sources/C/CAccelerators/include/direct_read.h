// Reads of files and block devices past the page cache, many at once, into memory of the caller.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// One read. Offsets, size and address are multiples of the block size of the drive.
typedef struct tbx_piece {
  int file;
  int64_t offset;
  void *_Nonnull to;
  size_t bytes;
} tbx_piece;

/// Reads under way.
typedef struct tbx_reads tbx_reads;

/// Opens a file or block device for reading with O_DIRECT, and writes its size.
/// @returns a descriptor, or -1 with errno. Nothing is made where nothing is.
int tbx_direct_open(const char *_Nonnull path, int64_t *_Nonnull bytes);

/// Closes it.
void tbx_direct_close(int file);

/// Starts reads on threads of their own, so many at a time. The pieces are copied.
/// @returns NULL with errno.
tbx_reads *_Nullable tbx_reads_start(const tbx_piece *_Nonnull pieces, size_t count, int threads);

/// Waits for all of them.
/// @returns 1 when they have ended, 0 when not within the time.
int tbx_reads_wait(tbx_reads *_Nonnull reads, int milliseconds);

/// After their end: 0, the errno of the first that failed, or -1 where one brought fewer bytes. Frees them.
int tbx_reads_end(tbx_reads *_Nonnull reads);
