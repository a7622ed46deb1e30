// What Glibc's Swift module leaves out: macros, variadic calls and newer headers.
// Each entry says who needs it.
#pragma once
// No _GNU_SOURCE: it changes the members of types that Glibc's module and other C modules import
// too, and Swift then refuses all of them.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <termios.h>
#include <unistd.h>

/// open(2) is variadic. KernelTree reads every pseudo-file through this.
static inline int tbx_open_read(const char *path) {
  return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

/// The same for a file that another user may have put there: a link is not followed.
static inline int tbx_open_read_no_link(const char *path) {
  return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
}

/// Opens what is there, as a shell's `>` does with a device or a pipe; open(2) is variadic. OutputFile.
static inline int tbx_open_output(const char *path) {
  return open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
}

/// Creates a file that must not exist yet; open(2) is variadic. CaptureWriter.
static inline int tbx_create_new(const char *path, mode_t mode) {
  return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
}

/// rename(2) that refuses to replace: EEXIST. Macros of newer headers. CaptureWriter.
static inline int tbx_rename_new(const char *from, const char *to) {
  return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 1 /* RENAME_NOREPLACE */);
}

/// rename(2) by which two names change places. FolderChange.
static inline int tbx_rename_exchange(const char *from, const char *to) {
  return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 2 /* RENAME_EXCHANGE */);
}

/// syncfs(2), which needs _GNU_SOURCE. FolderChange.
static inline int tbx_synchronise_all(int descriptor) {
  return (int)syscall(SYS_syncfs, descriptor);
}

/// Bytes of the kernel's log buffer, or -1 with errno: syslog(2), SYSLOG_ACTION_SIZE_BUFFER.
/// <sys/klog.h> is not in Glibc's Swift module. KernelLog.
static inline int tbx_kernel_log_size(void) { return klogctl(10, NULL, 0); }

/// What the log holds, read without a wait and without taking it: SYSLOG_ACTION_READ_ALL.
static inline int tbx_kernel_log_read(char *buffer, int size) { return klogctl(3, buffer, size); }

/// adjtimex(2) that changes nothing; <sys/timex.h> is not in Glibc's Swift module. KernelClock.
/// Returns the state of the clock, or -1 with errno.
static inline int tbx_clock_state(int *status, long *maximum_error) {
  struct timex answer;
  memset(&answer, 0, sizeof answer);
  int state = adjtimex(&answer);
  *status = answer.status;
  *maximum_error = answer.maxerror;
  return state;
}

/// open(2) of a file that is there, to write to it: sysfs and procfs. Apply/Writers.
static inline int tbx_open_write(const char *path) {
  return open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
}

/// open(2) of a file to read and write, that is not a link; open(2) is variadic. HeldFile.
static inline int tbx_open_update(const char *path) {
  return open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
}

/// open(2) of a file to write to its end, made when it is missing; open(2) is variadic. RegularFile.
static inline int tbx_open_append(const char *path) {
  return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/// Lets a file have the blocks of another (ioctl_ficlone(2)); ioctl(2) is variadic. RegularFile.
static inline int tbx_clone_file(int to, int from) {
  return ioctl(to, 0x40049409 /* FICLONE */, from);
}

/// open(2) of a block device that nothing may use: EBUSY when something does. BlockDevice.
static inline int tbx_open_exclusive(const char *path) {
  return open(path, O_RDONLY | O_EXCL | O_CLOEXEC | O_NONBLOCK);
}

/// open(2) of a block device that nothing may use, to read and write it. HeldDrive.
static inline int tbx_open_exclusive_update(const char *path) {
  return open(path, O_RDWR | O_EXCL | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
}

/// Lets the kernel read the partition table again (BLKRRPART); ioctl(2) is variadic. HeldDrive.
static inline int tbx_reread_partitions(int descriptor) {
  return ioctl(descriptor, 0x125f /* BLKRRPART */);
}

/// open(2) of a new file without a name in a folder; O_TMPFILE is a macro of _GNU_SOURCE. UnnamedFile.
static inline int tbx_open_unnamed(const char *folder) {
  return open(folder, 020000000 | O_DIRECTORY | O_RDWR | O_CLOEXEC, 0600);
}

/// open(2) of a lock file, made when it is missing. Linux/FileLock.
static inline int tbx_open_lock(const char *path) {
  return open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}
