// Terminal: ioctl(2) is variadic; signalfd(2) and poll(2) are not in Glibc's Swift module.
#pragma once
#include "shim.h"
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

/// Size of the terminal behind a descriptor. 0, or -1 with errno.
static inline int tbx_window_size(int descriptor, unsigned short *columns, unsigned short *rows) {
  struct winsize size;
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return -1;
  *columns = size.ws_col;
  *rows = size.ws_row;
  return 0;
}

/// The signals that end, stop or resize a full-screen program.
static inline sigset_t tbx_screen_signal_set(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGQUIT);
  sigaddset(&set, SIGTSTP);
  sigaddset(&set, SIGCONT);
  sigaddset(&set, SIGWINCH);
  return set;
}

/// Blocks those signals and returns a descriptor on which they arrive instead, so that the
/// terminal is always left clean. -1 with errno on failure.
static inline int tbx_screen_signals(void) {
  sigset_t set = tbx_screen_signal_set();
  if (sigprocmask(SIG_BLOCK, &set, 0) != 0) return -1;
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/// Unblocks what tbx_screen_signals() blocked.
static inline void tbx_screen_signals_restore(void) {
  sigset_t set = tbx_screen_signal_set();
  sigprocmask(SIG_UNBLOCK, &set, 0);
}

/// Reads one signal number from such a descriptor; 0 when there is none.
static inline int tbx_next_signal(int descriptor) {
  struct signalfd_siginfo info;
  if (read(descriptor, &info, sizeof info) != (ssize_t)sizeof info) return 0;
  return (int)info.ssi_signo;
}

/// Waits for a key or a signal. Bit 0: input is ready; bit 1: a signal is; 0: time is up.
static inline int tbx_wait_input(int input, int signals, int milliseconds) {
  struct pollfd set[2] = {{input, POLLIN, 0}, {signals, POLLIN, 0}};
  int ready = poll(set, 2, milliseconds);
  if (ready < 0) return errno == EINTR ? 0 : -1;
  return (set[0].revents ? 1 : 0) | (set[1].revents ? 2 : 0);
}
