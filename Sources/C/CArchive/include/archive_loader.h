// libarchive, opened at run time. Linking it would cost every start of the program: it brings in
// libxml2 and ICU, which only archives of formats that we refuse need.
#pragma once
#include <archive.h>
#include <archive_entry.h>

/// Every libarchive call of ours.
#define TBX_ARCHIVE_CALLS(X)           \
  X(archive_errno)                     \
  X(archive_error_string)              \
  X(archive_filter_bytes)              \
  X(archive_read_new)                  \
  X(archive_read_support_filter_gzip)  \
  X(archive_read_support_filter_bzip2) \
  X(archive_read_support_filter_xz)    \
  X(archive_read_support_filter_zstd)  \
  X(archive_read_support_format_tar)   \
  X(archive_read_open_fd)              \
  X(archive_read_open_memory)          \
  X(archive_read_next_header)          \
  X(archive_read_data)                 \
  X(archive_read_data_skip)            \
  X(archive_read_free)                 \
  X(archive_entry_pathname)            \
  X(archive_entry_pathname_utf8)       \
  X(archive_entry_hardlink)            \
  X(archive_entry_hardlink_utf8)       \
  X(archive_entry_symlink)             \
  X(archive_entry_symlink_utf8)        \
  X(archive_entry_filetype)            \
  X(archive_entry_perm)                \
  X(archive_entry_size)                \
  X(archive_entry_new)                 \
  X(archive_entry_clear)               \
  X(archive_entry_free)                \
  X(archive_entry_set_pathname)        \
  X(archive_entry_set_symlink)         \
  X(archive_entry_set_filetype)        \
  X(archive_entry_set_perm)            \
  X(archive_entry_set_size)            \
  X(archive_entry_set_mtime)           \
  X(archive_write_new)                 \
  X(archive_write_set_format_gnutar)   \
  X(archive_write_add_filter_zstd)     \
  X(archive_write_open_fd)             \
  X(archive_write_header)              \
  X(archive_write_data)                \
  X(archive_write_close)               \
  X(archive_write_free)

/// libarchive's functions. A table that was opened has all of them.
typedef struct tbx_archive {
#define X(name) __typeof__(&name) _Nonnull name;
  TBX_ARCHIVE_CALLS(X)
#undef X
} tbx_archive;

/// Opens libarchive once and keeps it. Returns NULL, with dlopen's or dlsym's message in `why`,
/// when it is not installed or too old. Not for two threads at once.
const tbx_archive *_Nullable tbx_archive_open(const char *_Nullable *_Nonnull why);
