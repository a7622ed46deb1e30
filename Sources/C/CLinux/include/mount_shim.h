// Calls of the kernel for mounts that glibc 2.35 does not have (fsopen(2), fsconfig(2), fsmount(2), Linux 5.2).
#pragma once
#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/// A mount of a block device that is in no folder: it goes with its descriptor, however the program ends. Read-only,
/// nosuid, nodev, noexec, and no link on it is followed (Linux 5.14). Returns the descriptor of its top folder, or
/// -1 with errno. `skips_journal`: that of ext4 would be written to. ReadOnlyFileSystem.
static inline int tbx_mount_read_only(const char *type, const char *device, int skips_journal) {
  int context = (int)syscall(SYS_fsopen, type, 1 /* FSOPEN_CLOEXEC */);
  if (context < 0) return -1;
  int result = -1;
  if (syscall(SYS_fsconfig, context, 1 /* FSCONFIG_SET_STRING */, "source", device, 0) == 0 &&
      syscall(SYS_fsconfig, context, 0 /* FSCONFIG_SET_FLAG */, "ro", NULL, 0) == 0 &&
      (!skips_journal ||
       syscall(SYS_fsconfig, context, 0 /* FSCONFIG_SET_FLAG */, "noload", NULL, 0) == 0) &&
      syscall(SYS_fsconfig, context, 6 /* FSCONFIG_CMD_CREATE */, NULL, NULL, 0) == 0)
    result = (int)syscall(
        SYS_fsmount, context, 1 /* FSMOUNT_CLOEXEC */,
        // MOUNT_ATTR_RDONLY, NOSUID, NODEV, NOEXEC, NOSYMFOLLOW
        0x1 | 0x2 | 0x4 | 0x8 | 0x200000);
  int error = errno;
  close(context);
  errno = error;
  return result;
}
