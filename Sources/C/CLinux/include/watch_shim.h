// What a daemon waits for: eventfd(2), signalfd(2), fanotify(7), pidfd_open(2). Their headers are not in Glibc's
// Swift module; struct sizes and flags stay here.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/// A descriptor that becomes readable when it is signalled. -1 with errno on failure. WakeEvent.
static inline int tbx_event(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/// Blocks the signals that steer a service, in this thread and those it makes, ignores SIGPIPE, and
/// returns a descriptor on which they arrive. -1 with errno on failure. SignalReader.
static inline int tbx_service_signals(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGUSR1);
  int failure = pthread_sigmask(SIG_BLOCK, &set, 0);
  if (failure) {
    errno = failure;
    return -1;
  }
  signal(SIGPIPE, SIG_IGN);
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/// fanotify_init(2) for events that only notify, with the process and an open file in each. Marks
/// without limit: the kernel's default would do for 8192 files. FileWatch.
static inline int tbx_fanotify(void) {
  return fanotify_init(
      FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK | FAN_UNLIMITED_MARKS,
      O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

/// Adds a mark for writes to one file, or for its execution, or removes it. The file is given as the
/// link in /proc/self/fd of an O_PATH descriptor, so that mark and descriptor are of the same inode.
static inline int tbx_fanotify_mark(int group, int add, int execution, const char *path) {
  return fanotify_mark(
      group, add ? FAN_MARK_ADD : FAN_MARK_REMOVE,
      execution ? 0x1000 /* FAN_OPEN_EXEC, Linux 5.0 */ : FAN_MODIFY, AT_FDCWD, path);
}

/// Reads one event: the buffer holds no second one. 1; 0 when there is none; -1 with errno, and
/// then an event was lost whose file could not be opened. `file` is to be closed, if not negative.
static inline int tbx_fanotify_next(int group, int *overflow, int *file, int *pid) {
  struct fanotify_event_metadata event;
  ssize_t size;
  do {
    size = read(group, &event, sizeof event);
  } while (size < 0 && errno == EINTR);
  if (size < 0) return errno == EAGAIN ? 0 : -1;
  if (size != (ssize_t)sizeof event || event.vers != FANOTIFY_METADATA_VERSION) {
    errno = EPROTO;
    return -1;
  }
  *overflow = (event.mask & FAN_Q_OVERFLOW) != 0;
  *file = event.fd;
  *pid = event.pid;
  return 1;
}

/// open(2) that only names a file: no driver's or file system's own open is called. O_PATH is a
/// macro of _GNU_SOURCE. FileWatch.
static inline int tbx_open_path(const char *path) {
  return open(path, 010000000 /* O_PATH */ | O_CLOEXEC);
}

/// pidfd_open(2), for which glibc has a function since 2.36 only. The descriptor is closed on exec
/// and becomes readable when the process has ended. ProcessEnd.
static inline int tbx_pidfd_open(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }
